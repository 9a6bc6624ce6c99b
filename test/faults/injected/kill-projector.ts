import { CRASH_POINTS } from '../../../apps/projector/src/crash-points.js';
import type { Fault } from '../fault.js';

export const killProjector: Fault = {
  name: 'kill-projector',
  promise: 'kill -9 of the projector at any step applies each event once',
  cases: CRASH_POINTS,
  short: 1,
  inject: async (world, _random, { chosen }) => {
    await world.crash('projector', chosen);
    return 'kill -9 at this step of its loop, and a new process';
  },
};
