import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../fault.js';

export const nothing: Fault = {
  name: 'nothing',
  promise: 'under load alone everything is accounted for: what the other faults are compared with',
  short: 1,
  inject: async () => {
    await sleep(3_000);
    return 'nothing';
  },
};
