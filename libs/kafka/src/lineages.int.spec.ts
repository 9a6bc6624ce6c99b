import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createTopic, produce, testBrokers, withAdmin } from '../../../test/support/kafka.js';
import { connectKafka, type Kafka, KafkaSettings } from './connection.js';
import { Lineages } from './lineages.js';
import { ensureTopics } from './topics.js';

describe('which log a partition is', () => {
  const logger = pino({ level: 'silent' });
  const settings = Object.assign(new KafkaSettings(), { KAFKA_BROKERS: testBrokers() });
  const kafka = connectKafka(settings, 'lineages', logger);
  const lineages = new Lineages(kafka, logger);
  beforeAll(() => lineages.connect());
  afterAll(() => lineages.close());

  it('is the same at each time, and another one after the topic was made anew', async () => {
    const topic = await createTopic(3);
    const first = await lineages.of(topic, 0);
    expect(first).toEqual({ topicId: expect.stringMatching(/^[\w-]{22}$/), epoch: 0 });
    expect(await Promise.all([2, 1, 0].map((partition) => lineages.of(topic, partition)))).toEqual([
      first,
      first,
      first,
    ]);
    expect((await lineages.of(await createTopic(), 0)).topicId).not.toBe(first.topicId);
    await withAdmin(testBrokers(), (admin) => admin.deleteTopics({ topics: [topic] }));
    await expect(lineages.of(topic, 0)).rejects.toThrow(`${topic}/0 is not there`);
    await ensureTopics(kafka, [{ topic, partitions: 1 }]);
    const second = await lineages.of(topic, 0);
    expect(second).toEqual({ topicId: expect.stringMatching(/^[\w-]{22}$/), epoch: 0 });
    expect(second.topicId).not.toBe(first.topicId);
    await expect(lineages.of(topic, 2)).rejects.toThrow('is not there');
  });

  it('tells where what was written up to an epoch ends', async () => {
    const topic = await createTopic();
    await produce([
      { topic, value: 'a' },
      { topic, value: 'b' },
    ]);
    expect(await lineages.endOf(topic, 0, 0)).toBe(2);
    expect(await lineages.endOf(topic, 0, 7)).toBeNull();
  });

  it('is not made up for a client that connects in another way', () => {
    expect(() => new Lineages({} as Kafka, logger)).toThrow('kafkajs');
  });
});
