import type { BatchOutcome, DeliveryGap } from '#app/kafka';
import {
  advanceCursor,
  appendEvents,
  canonicalize,
  ConcurrencyError,
  prepareEvent,
  replaceCursor,
  uuidV5,
} from '#app/log';
import { isTransient, withTransaction } from '#app/runtime';
import type { Pool, PoolClient } from 'pg';
import type { IngestContext } from '../ingest-context.js';
import { Streams } from '../record-batch/streams.js';

/**
 * Records that Kafka lost messages before they were read, and moves the cursor to what is left, in one transaction; a topic made
 * anew or cut off gets a cursor of its own.
 * The stream of such events is the partition: UUIDv5(log, JCS([cluster, topic, partition])).
 */
export async function recordGap(pool: Pool, gap: DeliveryGap, context: IngestContext): Promise<BatchOutcome> {
  const { cluster, topic, partition, from, to, reason } = gap;
  const stream = uuidV5(context.log, canonicalize([cluster, topic, partition]));
  try {
    return await withTransaction(pool, async (tx): Promise<BatchOutcome> => {
      const cursorId = await moveCursor(tx, gap);
      if (cursorId === null) return { kind: 'stale' };
      const streams = await Streams.load(tx, context.logId, [{ stream, source: '', reportId: '' }]);
      const event = prepareEvent(
        {
          type: 'DeliveryGapRecorded',
          data: { cluster, topic, partition, fromOffset: from, toOffset: to, reason },
          stream,
          streamVersion: streams.take(stream),
          actor: 'system:ingest',
          source: null,
          cursorId,
        },
        context,
      );
      await appendEvents(tx, context.logId, [event]);
      return { kind: 'recorded' };
    });
  } catch (error) {
    if (error instanceof ConcurrencyError || isTransient(error)) return { kind: 'retry', reason: String(error) };
    throw error;
  }
}

/** @returns the cursor that reading goes on with; null when somebody else was faster */
async function moveCursor(tx: PoolClient, gap: DeliveryGap): Promise<number | null> {
  const { cursorId, from, resumeAt: to, lineage, reason } = gap;
  if (reason === 'TOPIC_RECREATED') return replaceCursor(tx, gap, { from, to, lineage });
  return (await advanceCursor(tx, cursorId, { from, to })) ? cursorId : null;
}
