import { isUtf8 } from 'node:buffer';

/** What every leaf of this ledger says about itself; null where it does not, or says something else than its kind. */
export interface LeafFacts {
  log: string | null;
  position: number | null;
  /** As written. */
  recordedAt: string | null;
}

/** Deeper texts are refused: no message that is recorded comes near, and a verifier must not run out of stack. */
const MAX_DEPTH = 500;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
/** Up to here every run of digits is a double, written the same. */
const EXACT_DIGITS = 15;
/** The control characters that JSON writes by a letter. */
const SHORT_ESCAPES = new Set(['\\"', '\\\\', '\\b', '\\f', '\\n', '\\r', '\\t'].map((text) => text.charCodeAt(1)));
const LONG_ESCAPE = /^\\u00(0[0-7bef]|1[0-9a-f])/;

/** Where the text stopped being canonical. */
class NotCanonical extends Error {}

/**
 * Whether bytes are canonical JSON (RFC 8785) of one object, by reading them once and building nothing: several times as
 * fast as parsing, sorting and writing again, and a second opinion on `canonicalize` that shares no code with it.
 *
 * @returns what the leaf says about itself, or the reason why it is not canonical
 */
export function scanLeaf(bytes: Buffer): LeafFacts | string {
  if (!isUtf8(bytes)) return 'it is not UTF-8';
  const scan = new Scan(bytes);
  try {
    scan.document();
  } catch (error) {
    if (!(error instanceof NotCanonical)) throw error;
    return error.message;
  }
  return scan.facts;
}

class Scan {
  readonly facts: LeafFacts = { log: null, position: null, recordedAt: null };
  #at = 0;
  #depth = 0;
  /** Whether the text that was read last holds an escape or anything but ASCII. */
  #isSpecial = false;

  constructor(private readonly bytes: Buffer) {}

  document(): void {
    if (this.bytes[0] !== 0x7b) this.#fail('it is not an object');
    this.#value();
    if (this.#at !== this.bytes.length) this.#fail('something follows the object');
  }

  #value(): void {
    const byte = this.bytes[this.#at] as number;
    if (byte === QUOTE) this.#text();
    else if (byte === 0x7b) this.#object();
    else if (byte === 0x5b) this.#array();
    else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) this.#number();
    else if (byte === 0x74) this.#word('true');
    else if (byte === 0x66) this.#word('false');
    else if (byte === 0x6e) this.#word('null');
    else this.#fail('a value is missing');
  }

  #object(): void {
    this.#open();
    if (this.bytes[this.#at] === 0x7d) return this.#close();
    let before = -1;
    let beforeEnd = -1;
    let wasSpecial = false;
    for (;;) {
      const start = this.#at;
      if (this.bytes[start] !== QUOTE) this.#fail('a name is missing');
      this.#text();
      const end = this.#at;
      const isSpecial = this.#isSpecial;
      if (before >= 0 && !this.#isAscending([before, beforeEnd], [start, end], wasSpecial || isSpecial)) {
        this.#fail('names are not in order, or one is there twice', start);
      }
      if (this.bytes[this.#at++] !== COLON) this.#fail('a colon is missing');
      const value = this.#at;
      this.#value();
      if (this.#depth === 1) this.#keepFact(end - start, start, value);
      const next = this.bytes[this.#at];
      if (next === 0x7d) return this.#close();
      if (next !== COMMA) this.#fail('a comma or a brace is missing');
      this.#at++;
      before = start;
      beforeEnd = end;
      wasSpecial = isSpecial;
    }
  }

  #array(): void {
    this.#open();
    if (this.bytes[this.#at] === 0x5d) return this.#close();
    for (;;) {
      this.#value();
      const next = this.bytes[this.#at];
      if (next === 0x5d) return this.#close();
      if (next !== COMMA) this.#fail('a comma or a bracket is missing');
      this.#at++;
    }
  }

  #open(): void {
    if (++this.#depth > MAX_DEPTH) this.#fail(`it is nested deeper than ${MAX_DEPTH}`);
    this.#at++;
  }

  #close(): void {
    this.#depth--;
    this.#at++;
  }

  #text(): void {
    const { bytes } = this;
    let isSpecial = false;
    let at = this.#at + 1;
    for (;;) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        isSpecial = true;
        at += this.#escape(at);
      } else if (byte >= 0x20) {
        if (byte >= 0x80) isSpecial = true;
        at++;
      } else {
        this.#fail(byte === undefined ? 'it ends within a text' : 'a control character is not escaped', at);
      }
    }
    this.#at = at + 1;
    this.#isSpecial = isSpecial;
  }

  /** @returns how long it is */
  #escape(at: number): number {
    if (SHORT_ESCAPES.has(this.bytes[at + 1] as number)) return 2;
    if (LONG_ESCAPE.test(this.bytes.toString('latin1', at, at + 6))) return 6;
    return this.#fail('a character is escaped that must not be, or in another way', at);
  }

  #number(): void {
    const { bytes } = this;
    const start = this.#at;
    let at = bytes[start] === MINUS ? start + 1 : start;
    const digits = at;
    while ((bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE) at++;
    const isInteger = at > digits && at - digits <= EXACT_DIGITS && !isNumberByte(bytes[at]);
    const isPlain = isInteger && (bytes[digits] !== ZERO || at - start === 1);
    if (!isPlain) {
      while (isNumberByte(bytes[at])) at++;
      const text = bytes.toString('latin1', start, at);
      if (!Number.isFinite(Number(text)) || String(Number(text)) !== text) {
        this.#fail('a number is not written as ECMAScript writes it', start);
      }
    }
    this.#at = at;
  }

  #word(word: string): void {
    if (this.bytes.toString('latin1', this.#at, this.#at + word.length) !== word) this.#fail(`this is not ${word}`);
    this.#at += word.length;
  }

  /** By UTF-16 code units; for ASCII without escapes that is by bytes. */
  #isAscending([a, aEnd]: [number, number], [b, bEnd]: [number, number], isSpecial: boolean): boolean {
    const { bytes } = this;
    if (isSpecial) {
      const before = JSON.parse(bytes.toString('utf8', a, aEnd)) as string;
      return before < (JSON.parse(bytes.toString('utf8', b, bEnd)) as string);
    }
    // The closing quote is not part of the name.
    const common = Math.min(aEnd - a, bEnd - b) - 1;
    for (let i = 1; i < common; i++) {
      const difference = (bytes[b + i] as number) - (bytes[a + i] as number);
      if (difference !== 0) return difference > 0;
    }
    return bEnd - b > aEnd - a;
  }

  #keepFact(length: number, start: number, value: number): void {
    // The lengths of "log", "position" and "recordedAt" with their quotes: few names are looked at twice.
    if (length !== 5 && length !== 10 && length !== 12) return;
    const name = this.bytes.toString('latin1', start + 1, start + length - 1);
    if (name !== 'log' && name !== 'position' && name !== 'recordedAt') return;
    const written: unknown = JSON.parse(this.bytes.toString('utf8', value, this.#at));
    if (name === 'position') this.facts.position = typeof written === 'number' ? written : null;
    else this.facts[name] = typeof written === 'string' ? written : null;
  }

  #fail(what: string, at = this.#at): never {
    throw new NotCanonical(`${what} (byte ${at})`);
  }
}

function isNumberByte(byte: number | undefined): boolean {
  // Digits, sign, point, exponent: what follows a number in canonical text is none of them.
  if (byte === undefined) return false;
  return (
    (byte >= ZERO && byte <= NINE) || byte === 0x2e || byte === 0x65 || byte === 0x45 || byte === 0x2b || byte === MINUS
  );
}
