import type { EntityManager } from 'typeorm';
import { type Tables, tablesOfGeneration } from '../../project/tables.js';
import { HEAD, lastBefore, recordedAt, snapshotNamed } from './as-of.sql.js';
import { readPolicy } from './policy.js';

/** Which state of the log an answer shows. Time: RFC 3339, milliseconds, UTC. */
export interface AsOf {
  position: number;
  /**
   * Whose tables the answer is read from. Named, not found through the views: those move with a rebuild, also under a
   * snapshot that was taken before.
   */
  generation: number;
  recordedAt: string;
  /** Size of the Merkle tree that proves the answer: position + 1. */
  treeSize: number;
  projection: number;
  policy: number;
  /** The answer cannot change any more: a later event exists. */
  isSettled: boolean;
}

/** What a reader asks for: the head, a position, a moment in milliseconds since 1970, or a sealed snapshot. */
export type AsOfRequest =
  | { kind: 'head' }
  | { kind: 'position'; position: number }
  | { kind: 'moment'; ms: number }
  | { kind: 'snapshot'; name: string };

export type AsOfResult =
  | { kind: 'found'; asOf: AsOf }
  | { kind: 'out of range'; detail: string }
  /** No event is projected yet. */
  | { kind: 'empty' };

const POSITION = /^(?:0|[1-9]\d{0,15})$/;
/** Names of snapshots: never a position, a date or a time. */
const SNAPSHOT_NAME = /^[a-z][a-z0-9-]{1,62}$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
/** A `+` that was not escaped in an address arrives as a blank; nothing else can be meant there. */
const BLANK_SIGN = /(?<=:\d{2}(?:\.\d{1,9})?) (?=\d{2}:\d{2}$)/;
const DAY_MS = 86_400_000;
/** An offset can lead a moment of the first or last year out of the years that PostgreSQL reads in ISO 8601. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** For whom `parseAsOf` gave null. */
export const AS_OF_FORMS =
  'must be a position, a time like 2018-11-09T06:00:00Z, a date like 2018-11-09 or the name of a snapshot';

/**
 * Reads `asOf=`: a position, a time (RFC 3339), a civil date, which means the end of that day in UTC, or the name of a
 * snapshot. Null: none of these.
 */
export function parseAsOf(text: string | undefined): AsOfRequest | null {
  if (text === undefined) return { kind: 'head' };
  if (POSITION.test(text)) {
    const position = Number(text);
    return Number.isSafeInteger(position) ? { kind: 'position', position } : null;
  }
  if (SNAPSHOT_NAME.test(text)) return { kind: 'snapshot', name: text };
  if (isCivilDate(text)) return { kind: 'moment', ms: Date.parse(`${text}T00:00:00.000Z`) + DAY_MS - 1 };
  const time = text.replace(BLANK_SIGN, '+');
  if (!TIME.test(time) || !isCivilDate(time.slice(0, 10))) return null;
  const ms = Date.parse(time.toUpperCase());
  return Number.isNaN(ms) ? null : { kind: 'moment', ms: Math.min(Math.max(ms, FIRST_MS), LAST_MS) };
}

/** A day that the calendar has, years 0001 to 9999. */
export function isCivilDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined || year === '0000') return false;
  const date = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
}

/** Pins the position of an answer. First statement of the transaction in which everything else is read. */
export async function resolveAsOf(tx: EntityManager, request: AsOfRequest): Promise<AsOfResult> {
  const [head] = await tx.query<{ generation: number; projection: number; policy: number; position: string }[]>(HEAD);
  const headPosition = Number(head?.position ?? -1);
  if (head === undefined || headPosition < 0) return { kind: 'empty' };
  const { generation } = head;
  const tables = tablesOfGeneration(generation);
  const position = await positionAsOf(request, figuresAsOf(tx, tables, headPosition));
  if (typeof position === 'string') return { kind: 'out of range', detail: position };
  return {
    kind: 'found',
    asOf: {
      position,
      generation,
      recordedAt: await recordedAtOf(tx, tables, position),
      treeSize: position + 1,
      projection: head.projection,
      policy: position === headPosition ? head.policy : (await readPolicy(tx, { position, generation })).version,
      isSettled: position < headPosition,
    },
  };
}

/** Where positions, moments and names of snapshots are looked up: the figures, or the log itself. */
export interface AsOfSource {
  head: number;
  /** RFC 3339, milliseconds, UTC. */
  recordedAt: (position: number) => Promise<string>;
  /** Null: no snapshot of this name up to the head. */
  snapshot: (name: string) => Promise<number | null>;
  /** The last position recorded at or before a time; null: the log begins after it. */
  lastBefore: (time: string) => Promise<number | null>;
}

/**
 * The position that is asked for. A moment is the last position with recordedAt ≤ it. Beyond the head is refused, because
 * what will be recorded until then is not known; so is a moment before the first event, which no state of the log stands
 * for.
 * @returns a position, or a sentence that says why there is none
 */
export async function positionAsOf(request: AsOfRequest, source: AsOfSource): Promise<number | string> {
  const { head } = source;
  if (request.kind === 'head') return head;
  if (request.kind === 'position') {
    return request.position <= head
      ? request.position
      : `the last position is ${head}, ${request.position} is beyond it`;
  }
  if (request.kind === 'snapshot') {
    return (await source.snapshot(request.name)) ?? `no snapshot is named ${request.name}`;
  }
  const asked = new Date(request.ms).toISOString();
  const last = await source.recordedAt(head);
  if (asked > last) return `the last event was recorded at ${last}, ${asked} is beyond it`;
  return (await source.lastBefore(asked)) ?? `the log begins after ${asked}`;
}

function figuresAsOf(tx: EntityManager, tables: Tables, head: number): AsOfSource {
  const found = async (sql: string, values: unknown[]): Promise<number | null> => {
    const [row] = await tx.query<{ position: string }[]>(sql, values);
    return row === undefined ? null : Number(row.position);
  };
  return {
    head,
    recordedAt: (position) => recordedAtOf(tx, tables, position),
    snapshot: (name) => found(snapshotNamed(tables), [name, head]),
    lastBefore: (time) => found(lastBefore(tables), [time, head]),
  };
}

async function recordedAtOf(tx: EntityManager, tables: Tables, position: number): Promise<string> {
  const [row] = await tx.query<{ recorded_at: Date }[]>(recordedAt(tables), [position]);
  if (row === undefined) throw new Error(`no moment is known for position ${position}`);
  return row.recorded_at.toISOString();
}
