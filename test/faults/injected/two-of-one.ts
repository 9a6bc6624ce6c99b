import { setTimeout as sleep } from 'node:timers/promises';
import type { AppName } from '../../support/processes.js';
import type { Fault } from '../fault.js';

export const twoOfOne: Fault = {
  name: 'two-of-one',
  promise: 'two projectors, notaries or relays started by mistake do the work of one, and the second takes over',
  cases: ['projector', 'notary', 'relay'],
  short: 1,
  inject: async (world, _random, { chosen, load }) => {
    const name = chosen as AppName;
    const first = world.app(name);
    const second = await world.double(name);
    await load.burst(60);
    await sleep(1_500);
    await first.kill();
    world.adopt(second);
    await load.burst(60);
    await sleep(1_000);
    return 'a second process beside the first, which was killed then';
  },
};
