import {
  type Database,
  type Leaf,
  type MasterKey,
  MasterKeyError,
  openPayloadSalt,
  openSealed,
  readSealed,
  SealBrokenError,
} from '#app/log';
import type { Finding, Findings } from '../findings.js';
import { type Erasures, readErasures } from './erasures.js';
import type { EventRow } from './event-rows.js';

/** Where sealed values and their keys are read, and by whom; with the master key each value is opened as well. */
export interface SealedStore {
  db: Database;
  masterKey: MasterKey | null;
}

/** Pointer of the salt of the payload commitment. */
const WHOLE_MESSAGE = '';

/** One event: what its leaf committed to. */
interface Committed {
  position: number;
  eventId: string;
  sd: Readonly<Record<string, string>>;
  pointers: ReadonlySet<string>;
}

/**
 * Whether every value that a leaf committed to can still be opened, or the log says that it was erased. A key or a box that
 * somebody deleted looks like an erasure, but for that.
 */
export class CommittedCheck {
  #erasures: Erasures | null = null;
  /** Of which the log did not say yet that they were erased: that may be recorded while this runs. */
  readonly #lost: { position: number; pointers: string[] }[] = [];

  constructor(
    private readonly db: Database,
    private readonly sealed: SealedStore,
    private readonly findings: Findings,
  ) {}

  /** The next page of events. */
  async add(rows: readonly EventRow[]): Promise<void> {
    const events = rows.flatMap(committedOf);
    if (events.length === 0 || this.findings.isFull) return;
    this.#erasures ??= await readErasures(this.db);
    const openable = await this.#openable(events);
    for (const event of events) {
      const open = openable.get(event.eventId) ?? new Set();
      const erased = this.#erasures.at(event.position);
      const lost = [...event.pointers].filter((pointer) => !open.has(pointer) && !erased.has(pointer));
      if (lost.length > 0) this.#lost.push({ position: event.position, pointers: lost });
      const back = [...erased].filter((pointer) => open.has(pointer));
      if (back.length > 0) this.findings.add(notErased(event.position, back));
      if (this.sealed.masterKey !== null) await this.#open(this.sealed.masterKey, event);
    }
    if (this.#lost.length > 0) await this.#settle();
  }

  /** What was erased since the erasures were read is no loss. */
  async #settle(): Promise<void> {
    const erasures = (this.#erasures = await readErasures(this.db));
    for (const { position, pointers } of this.#lost.splice(0)) {
      const lost = pointers.filter((pointer) => !erasures.at(position).has(pointer));
      if (lost.length > 0) this.findings.add(valuesLost(position, lost));
    }
  }

  /** By event the pointers that have a box with a key. */
  async #openable(events: readonly Committed[]): Promise<Map<string, Set<string>>> {
    const rows = await readSealed(
      this.sealed.db,
      events.map(({ eventId }) => eventId),
    );
    const openable = new Map<string, Set<string>>();
    for (const { event_id: eventId, boxes, wrapped } of rows) {
      const pointers = openable.get(eventId) ?? new Set();
      openable.set(eventId, pointers);
      if (wrapped !== null) for (const pointer of pointersOf(boxes)) pointers.add(pointer);
    }
    return openable;
  }

  /** Holds what is sealed against the salted digests of the leaf. */
  async #open(masterKey: MasterKey, { position, eventId, sd }: Committed): Promise<void> {
    try {
      await openSealed(this.sealed.db, masterKey, { eventId, sd });
      await openPayloadSalt(this.sealed.db, masterKey, eventId);
    } catch (error) {
      if (!isBroken(error)) throw error;
      this.findings.add({ kind: 'SEAL_BROKEN', position, detail: `position ${position}: ${error.message}` });
    }
  }
}

/** What opening says of a box or a key that was altered in any way, down to one that has no form at all. */
function isBroken(error: unknown): error is Error {
  return [SealBrokenError, MasterKeyError, SyntaxError, TypeError].some((kind) => error instanceof kind);
}

function committedOf({ position, event }: EventRow): Committed[] {
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
