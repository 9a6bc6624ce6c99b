import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createProducer } from '#app/kafka';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { consume, createTopic, setTopicConfig, testBrokers } from '../support/kafka.js';

/** Between a client and the broker; can lose an answer together with its connection, after the broker has done what it was asked. */
class LossyWay {
  #isLosing = false;
  readonly #open = new Set<Socket>();
  readonly #server: Server = createServer((client) => this.#pass(client));

  async open(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  loseNextAnswer(): void {
    this.#isLosing = true;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  #pass(client: Socket): void {
    const [host, port] = (testBrokers().split(',')[0] as string).split(':') as [string, string];
    const broker = connect(Number(port), host);
    client.on('data', (bytes) => broker.write(bytes));
    broker.on('data', (bytes) => {
      if (this.#isLosing) client.destroy();
      else client.write(bytes);
      this.#isLosing = false;
    });
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#open.add(one);
      one.on('close', () => other.destroy());
      one.on('error', () => other.destroy());
    }
  }
}

describe('a producer that several senders share', () => {
  const way = new LossyWay();
  let kafka: Kafka;
  beforeAll(async () => {
    const port = await way.open();
    kafka = new Kafka({
      brokers: testBrokers().split(','),
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 50, retries: 5 },
      socketFactory: ({ onConnect }) => connect(port, '127.0.0.1', onConnect),
    });
  });
  afterAll(() => way.close());

  const one = (value: string) => [{ key: null, value, partition: 0 }];

  it('loses nothing that was acknowledged when the answer to another one was lost, and writes each once', async () => {
    const topic = await createTopic();
    const producer = await createProducer(kafka);
    await producer.send(topic, one('first'));
    way.loseNextAnswer();
    const sent = await Promise.all(['a', 'b', 'c'].map((value) => producer.send(topic, one(value))));
    await producer.close();
    expect(sent.flat().map(({ offset }) => offset)).toEqual([1, 2, 3]);
    const values = (await consume(topic, 4)).map(({ value }) => String(value));
    expect(values).toEqual(['first', 'a', 'b', 'c']);
  });

  it('sends nothing more after a send has failed: the broker may take it for that one', async () => {
    const topic = await createTopic();
    await setTopicConfig(topic, { 'max.message.bytes': '1000' });
    const producer = await createProducer(kafka);
    const both = [producer.send(topic, one('x'.repeat(2_000))), producer.send(topic, one('after it'))];
    const reasons = (await Promise.allSettled(both)).map((done) => (done as PromiseRejectedResult).reason as Error);
    await producer.close();
    expect(reasons[0]?.message).toContain('max message size');
    expect(reasons[1]).toMatchObject({ message: expect.stringContaining('failed before'), cause: reasons[0] });
  });
});
