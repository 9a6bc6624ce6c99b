import { type Database, joined } from './database.js';
import { uuidV7 } from './identifiers.js';
import type { MasterKey } from './master-key.js';
import { random } from './random.js';
import { type BoxesRow, NO_VALUES, openerOf, pointersOf } from './boxes.js';
import { seal, WHOLE_MESSAGE } from './sealing.js';
import { lockSubjectKeys } from './subject-keys.js';

/** What to make unreadable: pointers of one event, or everything it sealed ('ALL', with the salt of its payload commitment). */
export interface Erasure {
  eventId: string;
  pointers: readonly string[] | 'ALL';
}

/** What became unreadable: goes into PersonalDataErased. */
export interface Erased {
  eventId: string;
  position: number;
  /** Sorted; "" stands for the salt of the payload commitment. */
  pointers: string[];
}

interface Row extends BoxesRow {
  key_id: string;
  wrapped: Buffer;
  subject: string | null;
}

/**
 * Erases committed values by deleting keys; rows of the log stay as they are.
 *
 * A value under a data subject's key goes with everything that key sealed, in every event: it is the person who is
 * erased. Of an event's own key only some values may be meant: those to keep are sealed again under a fresh key first.
 * The salt of the payload commitment is erased with the first value of the event, because with it a guess of the value
 * could be confirmed. Values that were erased before are not reported again.
 *
 * @returns per event what became unreadable, by position; empty when nothing was there to erase
 */
export async function eraseValues(tx: Database, masterKey: MasterKey, erasures: readonly Erasure[]): Promise<Erased[]> {
  await lockSubjectKeys(tx);
  const wanted = new Map<string, ReadonlySet<string> | 'ALL'>();
  for (const { eventId, pointers } of erasures) wanted.set(eventId, pointers === 'ALL' ? 'ALL' : new Set(pointers));
  const touched = (await openableRows(tx, 'event_id', [...wanted.keys()])).filter((row) =>
    pointersOf(row).some((pointer) => isMeant(wanted.get(row.event_id), pointer)),
  );
  const subjectKeys = touched.filter(({ subject }) => subject !== null).map(({ key_id: keyId }) => keyId);
  const rows = [
    ...touched.filter(({ subject }) => subject === null),
    ...(await openableRows(tx, 'key_id', [...new Set(subjectKeys)])),
  ];
  // Losing a value to a data subject's key costs the event the salt of its payload too.
  const losing = new Set(rows.map((row) => row.event_id));
  const salts = (await openableRows(tx, 'event_id', [...losing])).filter(
    (row) => pointersOf(row).includes(WHOLE_MESSAGE) && !rows.some((other) => sameRow(other, row)),
  );
  const erased = new Map<string, Set<string>>();
  for (const row of [...rows, ...salts]) {
    const { gone, kept } = divide(row, wanted.get(row.event_id));
    if (kept.length > 0) await sealAgain(tx, masterKey, row, kept);
    const pointers = erased.get(row.event_id) ?? new Set();
    for (const pointer of gone) pointers.add(pointer);
    erased.set(row.event_id, pointers);
  }
  await deleteKeys(tx, [...rows, ...salts]);
  return withPositions(tx, erased);
}

/** Deletes keys by name: a rejection's bytes, with the salt of its event. @returns how many were still there */
export async function eraseKeys(tx: Database, keyIds: readonly string[]): Promise<number> {
  const { rowCount } = await tx.query(
    'DELETE FROM vault.key WHERE key_id = ANY(string_to_array($1, chr(30))::uuid[])',
    [joined(keyIds)],
  );
  return rowCount ?? 0;
}

function isMeant(wanted: ReadonlySet<string> | 'ALL' | undefined, pointer: string): boolean {
  return wanted === 'ALL' || (wanted?.has(pointer) ?? false);
}

function divide(row: Row, wanted: ReadonlySet<string> | 'ALL' | undefined): { gone: string[]; kept: string[] } {
  const gone: string[] = [];
  const kept: string[] = [];
  for (const pointer of pointersOf(row)) {
    const goes = row.subject !== null || pointer === WHOLE_MESSAGE || isMeant(wanted, pointer);
    (goes ? gone : kept).push(pointer);
  }
  return { gone, kept };
}

async function sealAgain(tx: Database, masterKey: MasterKey, row: Row, kept: readonly string[]): Promise<void> {
  const openingOf = openerOf(row, masterKey.unwrap(row.key_id, row.wrapped));
  const after = { keyId: uuidV7(), key: random(32) };
  const sealed = kept.map((pointer) => {
    const place = { log: row.log, eventId: row.event_id, pointer };
    return [pointer, seal(place, openingOf(pointer) as Buffer, after.key).toString('base64url')];
  });
  await tx.query('INSERT INTO vault.key (key_id, wrapped) VALUES ($1, $2)', [
    after.keyId,
    masterKey.wrap(after.keyId, after.key),
  ]);
  await tx.query('INSERT INTO ledger.sealed (log, event_id, key_id, boxes) VALUES ($1, $2, $3, $4)', [
    row.log,
    row.event_id,
    after.keyId,
    JSON.stringify(Object.fromEntries(sealed)),
  ]);
}

function deleteKeys(tx: Database, rows: readonly Row[]): Promise<number> {
  return eraseKeys(tx, [...new Set(rows.map(({ key_id: keyId }) => keyId))]);
}

const KEYS_ALONE = `
     UNION ALL
     SELECT NULL, k.key_id, k.key_id, $2, k.wrapped, k.subject FROM vault.key k
      WHERE k.key_id = ANY(string_to_array($1, chr(30))::uuid[])
        AND NOT EXISTS (SELECT FROM ledger.sealed s WHERE s.event_id = k.key_id AND s.key_id = k.key_id)`;

/** Of events also those that have no values, and so nothing but their key. */
async function openableRows(tx: Database, column: 'event_id' | 'key_id', ids: readonly string[]): Promise<Row[]> {
  if (ids.length === 0) return [];
  const { rows } = await tx.query<Row & { [column: string]: unknown }>(
    `SELECT s.log, s.event_id, s.key_id, s.boxes, k.wrapped, k.subject
       FROM ledger.sealed s JOIN vault.key k USING (key_id)
      WHERE s.${column} = ANY(string_to_array($1, chr(30))::uuid[])
        ${column === 'key_id' ? 'AND s.key_id <> s.event_id' : KEYS_ALONE}`,
    column === 'key_id' ? [joined(ids)] : [joined(ids), NO_VALUES],
  );
  return rows;
}

async function withPositions(tx: Database, erased: ReadonlyMap<string, ReadonlySet<string>>): Promise<Erased[]> {
  if (erased.size === 0) return [];
  const { rows } = await tx.query<{ event_id: string; position: string | number }>(
    'SELECT event_id, position FROM ledger.event WHERE event_id = ANY(string_to_array($1, chr(30))::uuid[]) ORDER BY position',
    [joined([...erased.keys()])],
  );
  return rows.map(({ event_id: eventId, position }) => ({
    eventId,
    position: Number(position),
    pointers: [...(erased.get(eventId) ?? [])].toSorted(),
  }));
}

function sameRow(a: Row, b: Row): boolean {
  return a.event_id === b.event_id && a.key_id === b.key_id;
}
