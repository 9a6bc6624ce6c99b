import { identityOf, joined } from '#app/log';
import type { ClientBase } from 'pg';

/** A rejection whose bytes can still be opened: its stream, which is its id, and the position of its ReportRejected event. */
export interface OpenableRejection {
  stream: string;
  position: number;
}

interface MessageRow {
  source: string | null;
  id: string | null;
  cursor: number | null;
  offset: number | null;
}

const READ_MESSAGES = `
  SELECT ce_source AS source, ce_id AS id, cursor_id AS cursor, source_offset AS "offset"
    FROM ledger.event WHERE log_id = $1 AND event_id = ANY (string_to_array($2, chr(30))::uuid[])`;

// Coordinates count only for a rejection that names no CloudEvent: a topic made anew brings old offsets again.
const READ_REJECTIONS = `
  SELECT found.rejection_id AS stream, s.position
    FROM (SELECT r.rejection_id, r.key_id FROM unnest(string_to_array($2, chr(30))::uuid[]) AS m (identity)
            JOIN ledger.rejection r ON r.identity = m.identity
           UNION
          SELECT r.rejection_id, r.key_id
            FROM unnest(string_to_array($3, chr(30), '')::integer[], string_to_array($4, chr(30), '')::bigint[])
                 AS m (cursor_id, source_offset)
            JOIN ledger.rejection r ON r.cursor_id = m.cursor_id AND r.source_offset = m.source_offset
           WHERE r.identity IS NULL) found
    JOIN vault.key k USING (key_id)
    JOIN ledger.event_stream s ON s.log_id = $1 AND s.stream_id = found.rejection_id AND s.stream_version = 1
   ORDER BY s.position`;

/**
 * What was refused of the messages that these events came from: before a requeue, or under the same CloudEvents id. Those
 * bytes hold everything that an erasure of the events is to make unreadable.
 */
export async function rejectionsOfSameMessages(
  tx: ClientBase,
  logId: number,
  eventIds: readonly string[],
): Promise<OpenableRejection[]> {
  if (eventIds.length === 0) return [];
  const { rows: messages } = await tx.query<MessageRow>(READ_MESSAGES, [logId, joined([...new Set(eventIds)])]);
  const identities = messages.flatMap(({ source, id }) =>
    source === null || id === null ? [] : [identityOf(source, id)],
  );
  const { rows } = await tx.query<OpenableRejection>(READ_REJECTIONS, [
    logId,
    joined([...new Set(identities)]),
    joined(messages.map(({ cursor }) => cursor)),
    joined(messages.map(({ offset }) => offset)),
  ]);
  return rows;
}
