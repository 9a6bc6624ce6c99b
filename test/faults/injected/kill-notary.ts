import { CRASH_POINTS } from '../../../apps/notary/src/crash-points.js';
import type { Fault } from '../fault.js';

export const killNotary: Fault = {
  name: 'kill-notary',
  promise: 'kill -9 of the notary at any step of a checkpoint leaves one history',
  cases: CRASH_POINTS,
  short: 2,
  inject: async (world, _random, { chosen }) => {
    await world.crash('notary', chosen);
    return 'kill -9 at this step of its loop, and a new process';
  },
};
