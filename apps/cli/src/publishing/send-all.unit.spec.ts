import type { OutgoingMessage } from '#app/kafka';
import { CommandError } from '../exit-codes.js';
import { sendAll } from './send-all.js';

const message = (size: number): OutgoingMessage => ({ key: 'k', value: 'x'.repeat(size) });
const many = (count: number, size: number): OutgoingMessage[] => Array.from({ length: count }, () => message(size));

describe('sending a file', () => {
  it.each([
    ['500 messages', many(1201, 10), [500, 500, 201]],
    ['512 KiB', many(7, 200 * 1024), [2, 2, 2, 1]],
    ['one message that is larger than that', many(2, 900 * 1024), [1, 1]],
    ['nothing', [], []],
  ])('is done in batches of at most %s', async (_, messages, expected) => {
    const sizes: number[] = [];
    const progress: number[] = [];
    const sender = { send: async (_topic: string, batch: readonly OutgoingMessage[]) => void sizes.push(batch.length) };
    await expect(sendAll(sender, 't', messages, (sent) => progress.push(sent))).resolves.toBe(messages.length);
    expect(sizes).toEqual(expected);
    expect(progress.at(-1) ?? 0).toBe(messages.length);
  });

  it('says how many were acknowledged before the broker failed', async () => {
    let calls = 0;
    const sender = {
      send: async (): Promise<void> => {
        calls += 1;
        if (calls === 2) throw new CommandError('Kafka does not answer', 3);
      },
    };
    await expect(sendAll(sender, 't', many(600, 1))).rejects.toThrow(
      'Kafka does not answer (500 messages were acknowledged before)',
    );
  });
});
