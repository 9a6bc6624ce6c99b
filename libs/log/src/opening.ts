import { type Database, joined } from './database.js';
import { SealBrokenError } from './errors.js';
import type { MasterKey } from './master-key.js';
import { type BoxesRow, NO_VALUES, openerOf, pointersOf } from './boxes.js';
import { valueIn, WHOLE_MESSAGE } from './sealing.js';

/** Committed values of one event as they can be read now. Pointers are into the data of the message. */
export interface Opened {
  values: Map<string, unknown>;
  /** Pointers whose keys were deleted: sealed once, unreadable for ever. Sorted. */
  erased: string[];
}

/** An event whose values are wanted; with the `sd` of its leaf each value is checked against what was committed to. */
export interface SealedEvent {
  eventId: string;
  sd?: Readonly<Record<string, string>>;
}

/** A row of ledger.sealed beside its key. */
export interface SealedRow extends BoxesRow {
  key_id: string;
  wrapped: Buffer | null;
}

/**
 * Opens what is still openable of one event's committed values, and says what was erased. Works with the rights of
 * `query-api`: ledger.sealed and the vault.
 *
 * @param pointers only these; all when absent
 * @throws SealBrokenError for a box that was tampered with; MasterKeyError for the wrong master key
 */
export async function openSealed(
  db: Database,
  masterKey: MasterKey,
  event: string | SealedEvent,
  pointers?: readonly string[],
): Promise<Opened> {
  const wanted = typeof event === 'string' ? { eventId: event } : event;
  const opened = await openSealedOf(db, masterKey, [wanted], pointers);
  return opened.get(wanted.eventId) as Opened;
}

/** `openSealed` for many events in one query; every event asked for is in the answer. */
export async function openSealedOf(
  db: Database,
  masterKey: MasterKey,
  events: readonly SealedEvent[],
  pointers?: readonly string[],
): Promise<Map<string, Opened>> {
  const rows = await readSealed(
    db,
    events.map(({ eventId }) => eventId),
  );
  const rowsOf = new Map<string, SealedRow[]>();
  for (const row of rows) {
    const rowsOfEvent = rowsOf.get(row.event_id);
    if (rowsOfEvent) rowsOfEvent.push(row);
    else rowsOf.set(row.event_id, [row]);
  }
  const keys = new Map<string, Buffer>();
  const keyOf = (row: SealedRow): Buffer | null => {
    if (row.wrapped === null) return null;
    let key = keys.get(row.key_id);
    if (key === undefined) keys.set(row.key_id, (key = masterKey.unwrap(row.key_id, row.wrapped)));
    return key;
  };
  return new Map(
    events.map((event) => [event.eventId, openRows(event, rowsOf.get(event.eventId) ?? [], { keyOf, pointers })]),
  );
}

interface OpenOptions {
  keyOf: (row: SealedRow) => Buffer | null;
  pointers: readonly string[] | undefined;
}

function openRows(event: SealedEvent, rows: readonly SealedRow[], { keyOf, pointers }: OpenOptions): Opened {
  const wanted = pointers === undefined ? undefined : new Set(pointers);
  const values = new Map<string, unknown>();
  const sealed = new Set<string>();
  for (const row of rows) {
    const key = keyOf(row);
    const openingOf = key === null ? null : openerOf(row, key);
    for (const pointer of pointersOf(row)) {
      if (pointer === WHOLE_MESSAGE || (wanted !== undefined && !wanted.has(pointer))) continue;
      sealed.add(pointer);
      const opening = openingOf?.(pointer);
      if (opening === undefined) continue;
      values.set(pointer, valueIn(opening, { eventId: row.event_id, pointer }, committedDigest(event, pointer)));
    }
  }
  return { values, erased: [...sealed].filter((pointer) => !values.has(pointer)).toSorted() };
}

function committedDigest({ eventId, sd }: SealedEvent, pointer: string): string | undefined {
  if (sd === undefined) return undefined;
  const digest = sd[pointer];
  if (digest === undefined) throw new SealBrokenError(`event ${eventId} committed to nothing at "${pointer}"`);
  return digest;
}

/** The salt of payloadCommitment, 16 bytes; null when it was erased or never sealed. */
export function openPayloadSalt(db: Database, masterKey: MasterKey, eventId: string): Promise<Buffer | null> {
  return openOpening(db, masterKey, { eventId, pointer: WHOLE_MESSAGE });
}

/**
 * What one digest in the leaf of an event was computed of: salt (16 bytes) ‖ JCS([pointer, value]); with it anybody can
 * check the value against the leaf.
 *
 * @returns null when the value was erased or never sealed
 * @throws SealBrokenError, MasterKeyError
 */
export async function openOpening(
  db: Database,
  masterKey: MasterKey,
  { eventId, pointer }: { eventId: string; pointer: string },
): Promise<Buffer | null> {
  for (const row of await readSealed(db, [eventId])) {
    if (row.wrapped === null || !pointersOf(row).includes(pointer)) continue;
    return openerOf(row, masterKey.unwrap(row.key_id, row.wrapped))(pointer) ?? null;
  }
  return null;
}

/**
 * Opens everything that can be opened of one event, each key and each box once, and holds it against the leaf.
 *
 * @param rows of `readSealed` that are about the event
 * @throws SealBrokenError, MasterKeyError
 */
export function checkOpenings(event: SealedEvent, rows: readonly SealedRow[], masterKey: MasterKey): void {
  for (const row of rows) {
    if (row.wrapped === null) continue;
    const openingOf = openerOf(row, masterKey.unwrap(row.key_id, row.wrapped));
    for (const pointer of pointersOf(row)) {
      const opening = openingOf(pointer);
      if (opening === undefined || pointer === WHOLE_MESSAGE) continue;
      valueIn(opening, { eventId: row.event_id, pointer }, committedDigest(event, pointer));
    }
  }
}

/**
 * What the events sealed, `wrapped` null where the key is gone; an event without values has only its key.
 *
 * Keys are looked up one by one: with a join PostgreSQL reads the whole of a vault of some 100,000 keys for every page.
 */
export async function readSealed(db: Database, eventIds: readonly string[]): Promise<SealedRow[]> {
  if (eventIds.length === 0) return [];
  const { rows } = await db.query<SealedRow & { [column: string]: unknown }>(
    `SELECT s.log, s.event_id, s.key_id, s.boxes, (SELECT k.wrapped FROM vault.key k WHERE k.key_id = s.key_id) AS wrapped
       FROM ledger.sealed s WHERE s.event_id = ANY(string_to_array($1, chr(30))::uuid[])
     UNION ALL
     SELECT NULL, k.key_id, k.key_id, $2, k.wrapped FROM vault.key k
      WHERE k.key_id = ANY(string_to_array($1, chr(30))::uuid[])
        AND k.key_id NOT IN (SELECT s.event_id FROM ledger.sealed s
                              WHERE s.event_id = ANY(string_to_array($1, chr(30))::uuid[]) AND s.key_id = s.event_id)`,
    [joined(eventIds), NO_VALUES],
  );
  return rows;
}
