import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Dedicated, startDedicatedKafka } from '../../test/support/dedicated.js';
import { consume, createTopic, endOffsets, produce } from '../../test/support/kafka.js';

let broker: Dedicated;

beforeAll(async () => {
  broker = await startDedicatedKafka();
}, 60_000);
afterAll(() => broker.stop());

test('acknowledged messages are there after the broker was killed and started again, at the same address', async () => {
  const topic = await createTopic(1, broker.address);
  await produce(
    [
      { topic, value: 'one' },
      { topic, value: Buffer.of(0xff, 0x00) },
      { topic, key: 'k', value: null },
    ],
    broker.address,
  );
  await broker.kill();
  await broker.start();
  expect(await endOffsets(topic, broker.address)).toEqual([3]);
  const messages = await consume(topic, 3, { brokers: broker.address });
  expect(messages.map(({ value }) => value)).toEqual([Buffer.from('one'), Buffer.of(0xff, 0x00), null]);
});

test('a running broker is taken over, not started twice', async () => {
  const topic = await createTopic(1, broker.address);
  await broker.start();
  expect(await endOffsets(topic, broker.address)).toEqual([0]);
});
