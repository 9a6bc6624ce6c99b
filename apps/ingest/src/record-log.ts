import type { KafkaBatch } from '#app/kafka';
import type { Logger } from 'pino';
import type { Recorded } from './record-batch/batch-recorder.js';

/**
 * What the process tells of its work: CloudEvent, event and position together, so that a message can be followed from
 * Kafka to a figure. Never a value of a message: only ids, codes and coordinates.
 */
export class RecordLog {
  constructor(private readonly logger: Logger) {}

  recorded(batch: KafkaBatch, { first, events, rejections, duplicates, appendSeconds }: Recorded): void {
    const { topic, partition } = batch;
    const last = first === null ? null : first + events.length - 1;
    const counts = { messages: batch.messages.length, rejected: rejections.length, duplicates: duplicates.length };
    const append = Math.round(appendSeconds * 1000);
    this.logger.info(
      { topic, partition, from: batch.expected, next: batch.next, first, last, ...counts, appendMs: append },
      'batch recorded',
    );
    const codes = new Map(
      rejections.map(({ eventId, rejection, refusal }) => [eventId, { rejection, code: refusal.code }]),
    );
    const debug = this.logger.isLevelEnabled('debug');
    if (!debug && codes.size === 0) return;
    for (const [index, { eventId, type, ceSource, ceId, sourceOffset: offset }] of events.entries()) {
      const rejected = codes.get(eventId);
      const event = { ceSource, ceId, topic, partition, offset, eventId, type, position: (first ?? 0) + index };
      if (rejected !== undefined) this.logger.warn({ ...event, ...rejected }, 'message rejected');
      else if (debug) this.logger.debug(event, 'event recorded');
    }
  }

  bisecting({ topic, partition, expected, messages }: KafkaBatch, error: unknown): void {
    this.logger.warn(
      { topic, partition, from: expected, messages: messages.length, reason: reasonOf(error) },
      'a batch fails for no known reason: looking for the message',
    );
  }

  unprocessable({ topic, partition, expected }: KafkaBatch, error: unknown): void {
    this.logger.error({ topic, partition, offset: expected, reason: reasonOf(error) }, 'a message cannot be processed');
  }

  noRoom(error: unknown): void {
    this.logger.error({ reason: reasonOf(error) }, 'the next partition of the log could not be made');
  }
}

/** The kind of an error and PostgreSQL's code; messages and details of the database quote values. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code: unknown = (error as { code?: unknown }).code;
  return typeof code === 'string' ? `${error.name} ${code}` : `${error.name}: ${error.message.slice(0, 200)}`;
}
