import { CRASH_POINTS } from '../../../apps/intake-api/src/crash-points.js';
import type { Fault } from '../fault.js';

export const killIntakeApi: Fault = {
  name: 'kill-intake-api',
  promise: 'a request that was cut off can be sent again: what was acknowledged is there once',
  cases: CRASH_POINTS,
  short: 1,
  inject: async (world, _random, { chosen }) => {
    await world.crash('intake-api', chosen);
    return 'kill -9 at this step of its loop, and a new process';
  },
};
