import { createHash } from 'node:crypto';
import { Problem } from './problem.js';

/** The place in a list after which the next page begins, and the position at which the whole list is read. */
export interface Cursor {
  position: number;
  /** Sort keys of the last row of the page before. */
  after: readonly (string | number | null)[];
}

const VERSION = 1;
const LENGTH_MAX = 2048;

/**
 * A cursor as opaque text. It pins the position (pages stay whole while writes go on) and the filters: a cursor used
 * with other filters is refused, not misread.
 *
 * @param filters everything that decides which rows the list has and in which order; `limit` and `cursor` left out
 */
export function encodeCursor(cursor: Cursor, filters: unknown): string {
  return Buffer.from(JSON.stringify([VERSION, cursor.position, hashOf(filters), cursor.after])).toString('base64url');
}

/**
 * @param isAfter checks the sort keys, which come back from outside, before they reach a query
 * @throws Problem BAD_CURSOR
 */
export function decodeCursor(text: string, filters: unknown, isAfter: (after: readonly unknown[]) => boolean): Cursor {
  const [version, position, hash, after] = parse(text);
  if (version !== VERSION) throw badCursor('it was not made by this version');
  if (hash !== hashOf(filters)) throw badCursor('it belongs to a list with other filters');
  const isPosition = typeof position === 'number' && Number.isSafeInteger(position) && position >= 0;
  if (!isPosition || !Array.isArray(after) || !isAfter(after)) throw badCursor('it is damaged');
  return { position, after: after as (string | number | null)[] };
}

function parse(text: string): unknown[] {
  if (text.length === 0 || text.length > LENGTH_MAX || !/^[\w-]+$/.test(text)) throw badCursor('it is damaged');
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === 4) return parts;
  } catch {
    // Not JSON: the same answer as any other damage.
  }
  throw badCursor('it is damaged');
}

function badCursor(reason: string): Problem {
  return new Problem('BAD_CURSOR', `the cursor cannot be used: ${reason}; start again without it`, {
    errors: [{ parameter: 'cursor', code: 'BAD_CURSOR', detail: reason }],
  });
}

/** Order of members does not matter, order of values does. */
function hashOf(filters: unknown): string {
  return createHash('sha256').update(JSON.stringify(filters, sortMembers)).digest('base64url').slice(0, 16);
}

function sortMembers(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
