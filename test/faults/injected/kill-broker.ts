import { setTimeout as sleep } from 'node:timers/promises';
import { between, type Fault } from '../fault.js';

export const killBroker: Fault = {
  name: 'kill-broker',
  promise: 'what Kafka acknowledged survives the death of the broker, and is recorded once',
  mixes: true,
  short: 1,
  inject: async (world, random) => {
    await sleep(between(random, 300, 900));
    await world.broker.kill();
    await sleep(between(random, 0, 1_000));
    await world.broker.start();
    await sleep(1_000);
    return 'kill -9 of the broker, and a start';
  },
};
