import { identityOf, insertRejectionKeys, joined, type SealedRejection } from '#app/log';
import type { ClientBase } from 'pg';
import { storable } from './draft-rejection.js';
import type { Refusal, RefusedSubject } from '../read-message/read-message.js';
import type { Coordinates } from '../read-message/message.js';

/** A refused message as it is kept: everything about it, its bytes encrypted. */
export interface RejectionRow {
  rejection: string;
  eventId: string;
  at: Coordinates;
  subject: RefusedSubject;
  refusal: Refusal;
  /** Milliseconds since 1970 at which the broker got it; null for a requeued message. */
  timestamp: number | null;
  messageBytes: number;
  sealed: SealedRejection;
}

/** The year 10000, in milliseconds since 1970. */
const TIME_END = 253_402_300_800_000;

const INSERT_REJECTIONS = `
INSERT INTO ledger.rejection (rejection_id, event_id, cursor_id, source_offset, source_timestamp, stage, code,
                              problems, ce_source, ce_id, ce_type, identity, message_bytes, key_id, box)
SELECT r.rejection_id, r.event_id, r.cursor_id, r.source_offset, to_timestamp(r.source_timestamp / 1000), r.stage, r.code,
       r.problems, r.ce_source, r.ce_id, r.ce_type, r.identity, r.message_bytes, r.rejection_id, decode(r.box, 'base64')
  FROM unnest(string_to_array($1, chr(30))::uuid[], string_to_array($2, chr(30))::uuid[],
              string_to_array($3, chr(30))::integer[], string_to_array($4, chr(30))::bigint[],
              string_to_array($5, chr(30), '')::float8[], string_to_array($6, chr(30)), string_to_array($7, chr(30)),
              string_to_array($8, chr(30))::jsonb[], string_to_array($9, chr(30), ''), string_to_array($10, chr(30), ''),
              string_to_array($11, chr(30), ''), string_to_array($12, chr(30), '')::uuid[], string_to_array($13, chr(30))::integer[],
              string_to_array($14, chr(30)))
       AS r (rejection_id, event_id, cursor_id, source_offset, source_timestamp, stage, code, problems, ce_source, ce_id,
             ce_type, identity, message_bytes, box)`;

/** Keeps refused messages and their keys, in the transaction that records the refusals. */
export async function insertRejections(tx: ClientBase, rows: readonly RejectionRow[]): Promise<void> {
  if (rows.length === 0) return;
  await insertRejectionKeys(
    tx,
    rows.map(({ sealed }) => sealed),
  );
  await tx.query(INSERT_REJECTIONS, [
    joined(rows.map(({ rejection }) => rejection)),
    joined(rows.map(({ eventId }) => eventId)),
    joined(rows.map(({ at }) => at.cursorId)),
    joined(rows.map(({ at }) => at.offset)),
    joined(rows.map(({ timestamp }) => storableTime(timestamp))),
    joined(rows.map(({ refusal }) => refusal.stage)),
    joined(rows.map(({ refusal }) => refusal.code)),
    joined(rows.map(({ refusal }) => JSON.stringify(refusal.problems))),
    joined(rows.map(({ subject }) => storable(subject.source))),
    joined(rows.map(({ subject }) => storable(subject.id))),
    joined(rows.map(({ subject }) => storable(subject.type))),
    joined(rows.map(({ subject }) => rejectedIdentity(subject))),
    joined(rows.map(({ messageBytes }) => messageBytes)),
    joined(rows.map(({ sealed }) => sealed.box.toString('base64'))),
  ]);
}

/** Null without both: what names no CloudEvent is found by its coordinates only. */
export function rejectedIdentity({ source, id }: RefusedSubject): string | null {
  const [knownSource, knownId] = [storable(source), storable(id)];
  return knownSource === null || knownId === null ? null : identityOf(knownSource, knownId);
}

/** What a producer claims is no time that one can mean, or that PostgreSQL can hold, is unknown. */
export function storableTime(timestamp: number | null): number | null {
  return timestamp !== null && timestamp >= 0 && timestamp < TIME_END ? timestamp : null;
}
