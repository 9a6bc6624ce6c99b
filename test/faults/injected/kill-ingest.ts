import { CRASH_POINTS } from '../../../apps/ingest/src/crash-points.js';
import type { Fault } from '../fault.js';

export const killIngest: Fault = {
  name: 'kill-ingest',
  promise: 'kill -9 of ingest at any step of a batch loses nothing and records nothing twice',
  cases: CRASH_POINTS,
  short: 1,
  inject: async (world, _random, { chosen }) => {
    await world.crash('ingest', chosen);
    return 'kill -9 at this step of its loop, and a new process';
  },
};
