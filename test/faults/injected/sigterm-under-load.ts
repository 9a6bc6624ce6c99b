import { setTimeout as sleep } from 'node:timers/promises';
import type { AppName } from '../../support/processes.js';
import { between, type Fault } from '../fault.js';
import { APPS } from '../world.js';

export const sigtermUnderLoad: Fault = {
  name: 'sigterm-under-load',
  promise: 'at SIGTERM every process finishes what it has begun and ends with 0',
  cases: ['everybody', ...APPS],
  short: 1,
  inject: async (world, random, { chosen }) => {
    const names = chosen === 'everybody' ? APPS : [chosen as AppName];
    await sleep(between(random, 200, 800));
    for (const name of names) {
      const code = await world.restart(name);
      if (code !== 0) throw new Error(`${name} ended with ${code}`);
    }
    return `SIGTERM to ${names.join(', ')}, and new processes`;
  },
};
