import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createTopic, testBrokers, withAdmin } from '../../../test/support/kafka.js';
import { connectKafka, type Kafka, KafkaSettings } from './connection.js';
import { TopicIds } from './topic-ids.js';
import { ensureTopics } from './topics.js';

describe('the id of a topic', () => {
  const logger = pino({ level: 'silent' });
  const settings = Object.assign(new KafkaSettings(), { KAFKA_BROKERS: testBrokers() });
  const kafka = connectKafka(settings, 'topic-ids', logger);
  const ids = new TopicIds(kafka, logger);
  beforeAll(() => ids.connect());
  afterAll(() => ids.close());

  it('is the same for each partition and at each time, and another one after the topic was made anew', async () => {
    const topic = await createTopic(3);
    const first = await ids.idOf(topic, 0);
    expect(first).toMatch(/^[\w-]{22}$/);
    expect([await ids.idOf(topic, 2), await ids.idOf(topic, 0)]).toEqual([first, first]);
    expect(await ids.idOf(await createTopic(), 0)).not.toBe(first);
    await withAdmin(testBrokers(), (admin) => admin.deleteTopics({ topics: [topic] }));
    await expect(ids.idOf(topic, 0)).rejects.toThrow(`${topic}/0 is not there`);
    await ensureTopics(kafka, [{ topic, partitions: 1 }]);
    const second = await ids.idOf(topic, 0);
    expect(second).toMatch(/^[\w-]{22}$/);
    expect(second).not.toBe(first);
    await expect(ids.idOf(topic, 2)).rejects.toThrow('is not there');
  });

  it('is not made up for a client that connects in another way', () => {
    expect(() => new TopicIds({} as Kafka, logger)).toThrow('kafkajs');
  });
});
