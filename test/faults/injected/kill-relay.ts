import { CRASH_POINTS } from '../../../apps/relay/src/crash-points.js';
import type { Fault } from '../fault.js';

export const killRelay: Fault = {
  name: 'kill-relay',
  promise: 'kill -9 of the relay at any step hands every event on, in order per key',
  cases: CRASH_POINTS,
  short: 1,
  inject: async (world, _random, { chosen }) => {
    await world.crash('relay', chosen);
    return 'kill -9 at this step of its loop, and a new process';
  },
};
