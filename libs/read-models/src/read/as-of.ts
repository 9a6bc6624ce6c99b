import type { EntityManager } from 'typeorm';
import { type Tables, tablesOfGeneration } from '../project/tables.js';
import { HEAD, lastBefore, recordedAt } from './as-of.sql.js';

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

/** What a reader asks for: the head, a position, or a moment in milliseconds since 1970. */
export type AsOfRequest = { kind: 'head' } | { kind: 'position'; position: number } | { kind: 'moment'; ms: number };

export type AsOfResult =
  | { kind: 'found'; asOf: AsOf }
  | { kind: 'out of range'; detail: string }
  /** No event is projected yet. */
  | { kind: 'empty' };

const POSITION = /^(?:0|[1-9]\d{0,15})$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
/** A `+` that was not escaped in an address arrives as a blank; nothing else can be meant there. */
const BLANK_SIGN = /(?<=:\d{2}(?:\.\d{1,9})?) (?=\d{2}:\d{2}$)/;
const DAY_MS = 86_400_000;

/** Reads `asOf=`: a position, a time (RFC 3339), or a civil date, which means the end of that day in UTC. Null: none of these. */
export function parseAsOf(text: string | undefined): AsOfRequest | null {
  if (text === undefined) return { kind: 'head' };
  if (POSITION.test(text)) {
    const position = Number(text);
    return Number.isSafeInteger(position) ? { kind: 'position', position } : null;
  }
  if (isCivilDate(text)) return { kind: 'moment', ms: Date.parse(`${text}T00:00:00.000Z`) + DAY_MS - 1 };
  const time = text.replace(BLANK_SIGN, '+');
  if (!TIME.test(time) || !isCivilDate(time.slice(0, 10))) return null;
  const ms = Date.parse(time.toUpperCase());
  return Number.isNaN(ms) ? null : { kind: 'moment', ms };
}

/** A day that the calendar has, years 0001 to 9999. */
export function isCivilDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined || year === '0000') return false;
  const date = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
}

/**
 * Pins the position of an answer. First statement of the transaction in which everything else is read.
 *
 * A moment is the last position with recordedAt ≤ it. Beyond the head is refused, because what will be recorded until
 * then is not known; so is a moment before the first event, which no state of the log stands for.
 */
export async function resolveAsOf(tx: EntityManager, request: AsOfRequest): Promise<AsOfResult> {
  const [head] = await tx.query<{ generation: number; projection: number; policy: number; position: string }[]>(HEAD);
  const headPosition = Number(head?.position ?? -1);
  if (head === undefined || headPosition < 0) return { kind: 'empty' };
  const { generation } = head;
  const tables = tablesOfGeneration(generation);
  const position = await positionOf(tx, tables, request, headPosition);
  if (typeof position === 'string') return { kind: 'out of range', detail: position };
  return {
    kind: 'found',
    asOf: {
      position,
      generation,
      recordedAt: await recordedAtOf(tx, tables, position),
      treeSize: position + 1,
      projection: head.projection,
      policy: head.policy,
      isSettled: position < headPosition,
    },
  };
}

/** @returns a position, or a sentence that says why there is none */
async function positionOf(
  tx: EntityManager,
  tables: Tables,
  request: AsOfRequest,
  head: number,
): Promise<number | string> {
  if (request.kind === 'head') return head;
  if (request.kind === 'position') {
    return request.position <= head
      ? request.position
      : `the last position is ${head}, ${request.position} is beyond it`;
  }
  const asked = new Date(request.ms).toISOString();
  const last = await recordedAtOf(tx, tables, head);
  if (asked > last) return `the last event was recorded at ${last}, ${asked} is beyond it`;
  const [row] = await tx.query<{ position: string }[]>(lastBefore(tables), [asked, head]);
  return row === undefined ? `the log begins after ${asked}` : Number(row.position);
}

async function recordedAtOf(tx: EntityManager, tables: Tables, position: number): Promise<string> {
  const [row] = await tx.query<{ recorded_at: Date }[]>(recordedAt(tables), [position]);
  if (row === undefined) throw new Error(`no moment is known for position ${position}`);
  return row.recorded_at.toISOString();
}
