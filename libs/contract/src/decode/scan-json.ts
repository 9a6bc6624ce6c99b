/** Deepest accepted nesting of objects and arrays. */
const DEPTH_MAX = 32;

/** Longest number that cannot lose a digit in a double: 15 digits are always exact. */
const EXACT_LENGTH = 15;

const QUOTE = 0x22;
const MINUS = 0x2d;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const LOWER_E = 0x65;
const LOWER_U = 0x75;

/** What one pass over the bytes tells that JSON.parse hides. */
export interface Scan {
  /** Members of all objects as written, doubles included. */
  members: number;
  tooDeep: boolean;
  /** An escape or a number needs the slow look: `\u0000`, `\ud8…`, many digits or an exponent. */
  suspect: boolean;
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** A `\u` escape of NUL or of any surrogate; `at` is the position of the u. */
function isSuspectEscape(bytes: Uint8Array, at: number): boolean {
  const first = (bytes[at + 1] ?? 0) | 0x20;
  const second = bytes[at + 2] ?? 0;
  if (first === 0x64) return !(second >= 0x30 && second <= 0x37); // \ud800 and up
  return (bytes[at + 1] ?? 0) === 0x30 && second === 0x30 && bytes[at + 3] === 0x30 && bytes[at + 4] === 0x30;
}

/**
 * One pass over UTF-8 bytes that need not be JSON. Every structural character is ASCII, and no byte of a longer
 * character is, so bytes do as well as characters and are faster to read.
 */
export function scanJson(bytes: Uint8Array): Scan {
  const scan: Scan = { members: 0, tooDeep: false, suspect: false };
  const end = bytes.length;
  let depth = 0;
  for (let i = 0; i < end; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === QUOTE) {
      i = endOfString(bytes, i + 1, scan);
    } else if (byte === COLON) {
      scan.members += 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > DEPTH_MAX) return { ...scan, tooDeep: true };
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
    } else if (byte === MINUS || isDigit(byte)) {
      i = endOfNumber(bytes, i, scan);
    }
  }
  return scan;
}

function endOfString(bytes: Uint8Array, from: number, scan: Scan): number {
  const end = bytes.length;
  let i = from;
  for (; i < end; i += 1) {
    const byte = bytes[i];
    if (byte === QUOTE) return i;
    if (byte === BACKSLASH) {
      i += 1;
      if (bytes[i] === LOWER_U && isSuspectEscape(bytes, i)) scan.suspect = true;
    }
  }
  return i;
}

function endOfNumber(bytes: Uint8Array, from: number, scan: Scan): number {
  let i = from + 1;
  for (; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    if ((byte | 0x20) === LOWER_E) scan.suspect = true;
    else if (!isDigit(byte) && byte !== 0x2e && byte !== MINUS && byte !== 0x2b) break;
  }
  if (i - from > EXACT_LENGTH) scan.suspect = true;
  return i - 1;
}
