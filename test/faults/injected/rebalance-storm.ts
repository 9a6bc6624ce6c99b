import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '../../support/processes.js';
import { between, type Fault } from '../fault.js';

const ROUNDS = 6;

export const rebalanceStorm: Fault = {
  name: 'rebalance-storm',
  promise: 'however often partitions change hands between ingest processes, each message is recorded once',
  mixes: true,
  short: 1,
  inject: async (world, random) => {
    const guests: App[] = [];
    const ended: Promise<unknown>[] = [];
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        guests.push(await world.system.start('ingest'));
        await sleep(between(random, 200, 1_500));
        // One in three is killed, the others leave in order; at most three at a time.
        const leaving = guests.length > 2 || random() < 0.3 ? guests.shift() : undefined;
        if (leaving !== undefined) ended.push(random() < 0.33 ? leaving.kill() : leaving.stop());
      }
    } finally {
      await Promise.all([...ended, ...guests.map((guest) => guest.stop())]);
    }
    return `${ROUNDS} further ingest processes came and went`;
  },
};
