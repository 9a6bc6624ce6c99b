import type { OutgoingMessage } from '#app/kafka';
import { CommandError } from '../exit-codes.js';

/** A request stays well below the broker's 4 MiB even when every message of it goes to one partition. */
const BATCH_BYTES = 512 * 1024;
const BATCH_MESSAGES = 500;

/** What takes a batch, and resolves when it is safe. */
interface BatchSender {
  send(topic: string, batch: readonly OutgoingMessage[]): Promise<void>;
}

/**
 * Sends everything in order, in batches, each acknowledged by all in-sync replicas before the next.
 *
 * @returns how many were acknowledged
 * @throws CommandError that says how many had been acknowledged before: sending the same file again is safe
 */
export async function sendAll(
  sender: BatchSender,
  topic: string,
  messages: AsyncIterable<OutgoingMessage> | Iterable<OutgoingMessage>,
  acknowledged: (count: number) => void = () => undefined,
): Promise<number> {
  let sent = 0;
  let batch: OutgoingMessage[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    await sender.send(topic, batch).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      throw new CommandError(`${error.message} (${sent} messages were acknowledged before)`, error.exitCode);
    });
    sent += batch.length;
    batch = [];
    bytes = 0;
    acknowledged(sent);
  };
  for await (const message of messages) {
    const size = message.value?.length ?? 0;
    if (batch.length >= BATCH_MESSAGES || bytes + size > BATCH_BYTES) await flush();
    batch.push(message);
    bytes += size;
  }
  await flush();
  return sent;
}
