import { isUtf8 } from 'node:buffer';
import type { Problem, RejectionCode } from '../rejection-codes.js';
import { locateProblems } from './locate-problems.js';
import { scanJson } from './scan-json.js';

/** Largest accepted message value in bytes; the broker lets 4 MiB in, so that it is we who refuse it. */
export const MESSAGE_BYTES_MAX = 1_048_576;

export type StrictJson = { ok: true; value: unknown } | { ok: false; problems: Problem[] };

const refused = (code: RejectionCode, detail: string): StrictJson => ({
  ok: false,
  problems: [{ pointer: '', code, detail }],
});

function checkBytes(bytes: Buffer, limit: number): StrictJson | null {
  if (bytes.length === 0) return refused('EMPTY_MESSAGE', 'must have content');
  if (bytes.length > limit) return refused('MESSAGE_TOO_LARGE', `must have at most ${limit} bytes`);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return refused('BYTE_ORDER_MARK', 'must not begin with a byte order mark');
  }
  if (!isUtf8(bytes)) return refused('INVALID_UTF8', 'must be UTF-8');
  return bytes.includes(0) ? refused('NUL_CHARACTER', 'holds a NUL byte') : null;
}

/** Members of all objects as parsed, or -1 when one is named __proto__ or a number is not exact: look closer. */
function countMembers(value: unknown): number {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? 0 : -1;
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      const members = countMembers(item);
      if (members < 0) return -1;
      count += members;
    }
    return count;
  }
  for (const name of Object.keys(value)) {
    const members = name === '__proto__' ? -1 : countMembers((value as Record<string, unknown>)[name]);
    if (members < 0) return -1;
    count += members + 1;
  }
  return count;
}

/**
 * JSON.parse for text that nobody vouches for. JSON.parse alone hides duplicate members (the last one wins), decoding
 * hides bad UTF-8, and 1e400 becomes Infinity, then null. A fast pass finds what could be wrong (a duplicate shows as
 * more colons in the text than members in the value); only then a slow one says what and where.
 */
export function parseStrictJson(bytes: Buffer, limit: number = MESSAGE_BYTES_MAX): StrictJson {
  const badBytes = checkBytes(bytes, limit);
  if (badBytes !== null) return badBytes;
  const scan = scanJson(bytes);
  if (scan.tooDeep) return refused('NESTING_TOO_DEEP', 'must not nest deeper than 32');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('NOT_JSON', 'must be JSON');
  }
  if (!scan.suspect && countMembers(value) === scan.members) return { ok: true, value };
  const problems = locateProblems(text);
  return problems.length === 0 ? { ok: true, value } : { ok: false, problems };
}
