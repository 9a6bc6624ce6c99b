import { setTimeout as sleep } from 'node:timers/promises';
import { between, type Fault, pick } from '../fault.js';
import { APPS } from '../world.js';

export const killAnyApp: Fault = {
  name: 'kill-any-app',
  promise: 'kill -9 of any app at any moment, the readers included, loses and doubles nothing',
  mixes: true,
  short: 1,
  inject: async (world, random) => {
    const killed = [];
    for (let kills = 0; kills < 5; kills += 1) {
      const name = pick(random, APPS);
      await sleep(between(random, 0, 400));
      await world.replace(name);
      killed.push(name);
    }
    return `kill -9 at random moments: ${killed.join(', ')}`;
  },
};
