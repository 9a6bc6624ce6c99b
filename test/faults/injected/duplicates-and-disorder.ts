import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../fault.js';

const COPIES = 200;

export const duplicatesAndDisorder: Fault = {
  name: 'duplicates-and-disorder',
  promise: 'a message counts once however often, however late and on whatever partition it is delivered',
  mixes: true,
  short: 1,
  inject: async (_world, _random, { load }) => {
    for (let round = 0; round < 4; round += 1) {
      await load.again(COPIES / 4);
      await sleep(200);
    }
    return `${COPIES} copies of messages of this and earlier cases, in any order, on any partition`;
  },
};
