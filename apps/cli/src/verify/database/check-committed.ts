import {
  checkOpenings,
  type Database,
  type Leaf,
  type MasterKey,
  MasterKeyError,
  readSealed,
  SealBrokenError,
  type SealedRow,
} from '#app/log';
import type { Finding } from '../findings.js';
import type { Erased, Erasures } from './erasures.js';
import type { EventRow } from './event-rows.js';

/** Where sealed values and their keys are read, and by whom; with the master key each value is opened as well. */
export interface SealedStore {
  db: Database;
  masterKey: MasterKey | null;
}

/** Pointer of the salt of the payload commitment. */
const WHOLE_MESSAGE = '';

/** One event: what its leaf committed to. */
export interface Committed {
  position: number;
  eventId: string;
  sd: Readonly<Record<string, string>>;
  pointers: ReadonlySet<string>;
}

/** What cannot be opened, and was not erased as far as is known: that may be recorded while this runs. */
export interface Lost {
  position: number;
  pointers: string[];
}

/**
 * Whether every value that leaves committed to can still be opened, or the log says that it was erased. A key or a box that
 * somebody deleted looks like an erasure, but for that.
 *
 * @param erased what the log says, of these events
 */
export async function checkCommitted(
  { db, masterKey }: SealedStore,
  events: readonly Committed[],
  erased: Erased,
): Promise<{ findings: Finding[]; lost: Lost[] }> {
  const sealed = await sealedOf(db, events);
  const findings: Finding[] = [];
  const lost: Lost[] = [];
  for (const event of events) {
    const { position, pointers } = event;
    const sealedHere = sealed.get(event.eventId) ?? [];
    const open = openable(sealedHere);
    const gone = erased.get(position) ?? NOTHING;
    const missing = [...pointers].filter((pointer) => !open.has(pointer) && !gone.has(pointer));
    if (missing.length > 0) lost.push({ position, pointers: missing });
    const back = [...gone].filter((pointer) => open.has(pointer));
    if (back.length > 0) findings.push(notErased(position, back));
    if (masterKey !== null) findings.push(...broken(event, sealedHere, masterKey));
  }
  return { findings, lost };
}

/** What was erased since it was looked for is no loss. */
export function settle(lost: readonly Lost[], erasures: Erasures): Finding[] {
  return lost.flatMap(({ position, pointers }) => {
    const erased = erasures.at(position);
    const still = pointers.filter((pointer) => !erased.has(pointer));
    return still.length === 0 ? [] : [valuesLost(position, still)];
  });
}

const NOTHING: ReadonlySet<string> = new Set();

async function sealedOf(db: Database, events: readonly Committed[]): Promise<Map<string, SealedRow[]>> {
  const rows = await readSealed(
    db,
    events.map(({ eventId }) => eventId),
  );
  const byEvent = new Map<string, SealedRow[]>();
  for (const row of rows) {
    const others = byEvent.get(row.event_id);
    if (others === undefined) byEvent.set(row.event_id, [row]);
    else others.push(row);
  }
  return byEvent;
}

/** The pointers that have a box with a key. */
function openable(rows: readonly SealedRow[]): ReadonlySet<string> {
  return new Set(rows.flatMap(({ boxes, wrapped }) => (wrapped === null ? [] : pointersOf(boxes))));
}

/** Holds what is sealed against the salted digests of the leaf. */
function broken({ position, eventId, sd }: Committed, rows: readonly SealedRow[], masterKey: MasterKey): Finding[] {
  try {
    checkOpenings({ eventId, sd }, rows, masterKey);
    return [];
  } catch (error) {
    if (!isBroken(error)) throw error;
    return [{ kind: 'SEAL_BROKEN', position, detail: `position ${position}: ${error.message}` }];
  }
}

/** What opening says of a box or a key that was altered in any way, down to one that has no form at all. */
function isBroken(error: unknown): error is Error {
  return [SealBrokenError, MasterKeyError, SyntaxError, TypeError].some((kind) => error instanceof kind);
}

/** None of an event that committed to nothing. */
export function committedOf({ position, event }: EventRow): Committed[] {
  if (event === null) return [];
  const { id, sd, source } = event as Partial<Leaf>;
  if (typeof id !== 'string' || !UUID.test(id)) return []; // found by its hash
  const digests = typeof sd === 'object' && sd !== null ? sd : {};
  const hasSalt = typeof source?.payloadCommitment === 'string';
  const pointers = new Set([...Object.keys(digests), ...(hasSalt ? [WHOLE_MESSAGE] : [])]);
  return pointers.size === 0 ? [] : [{ position, eventId: id, sd: digests, pointers }];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function pointersOf(boxes: string): string[] {
  try {
    return Object.keys(JSON.parse(boxes) as object);
  } catch {
    return []; // nothing can be opened in it
  }
}

function valuesLost(position: number, pointers: readonly string[]): Finding {
  const detail = `position ${position} committed to ${shown(pointers)}, which cannot be opened any more, and no PersonalDataErased names it: a row of ledger.sealed or vault.key was deleted. Restore it from a backup of the vault`;
  return { kind: 'LOST', position, detail };
}

function notErased(position: number, pointers: readonly string[]): Finding {
  const detail = `position ${position}: ${shown(pointers)} was erased, and can be opened again: keys came back with a backup. Run ledger keys erase-again`;
  return { kind: 'NOT_ERASED', position, detail };
}

function shown(pointers: readonly string[]): string {
  return pointers.map((pointer) => (pointer === WHOLE_MESSAGE ? 'the salt of the message' : pointer)).join(', ');
}
