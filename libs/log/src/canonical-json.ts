import { NotCanonicalError } from './errors.js';

/**
 * The canonical JSON text of a value, RFC 8785 (JCS): members sorted by UTF-16 code units, ECMAScript numbers, no space.
 *
 * Members that are undefined are left out. Built as a sorted copy that JSON.stringify writes in one go, because texts
 * joined from pieces survive as ropes and cost more in garbage collection than all the rest; objects with integer-like
 * keys, whose order JavaScript fixes itself, are joined from pieces all the same.
 *
 * @throws NotCanonicalError for lone surrogates, NaN, infinities, and what JSON does not know (functions, bigint, Date …)
 */
export function canonicalize(value: unknown): string {
  unsortable = false;
  const sorted = inOrder(value);
  const text = unsortable ? fromPieces(value) : JSON.stringify(sorted);
  refuseLoneSurrogates(text);
  return text;
}

/**
 * Of a text that JSON.stringify wrote: well-formed, a lone surrogate is an escape, and canonical text has no other `\ud…`.
 * @throws NotCanonicalError
 */
export function refuseLoneSurrogates(text: string): void {
  if (text.includes('\\ud') && LONE_SURROGATE.test(text)) throw new NotCanonicalError('a text holds a lone surrogate');
}

/**
 * The same JSON value with the members of every object in canonical order: what is written several times is sorted once,
 * because `canonicalize` copies nothing that is in order. Parts in order already are shared with the value given.
 *
 * @throws NotCanonicalError for what JSON does not know
 */
export function inCanonicalOrder<T>(value: T): T {
  return inOrder(value) as T;
}

/** Set by the walk: some object has a key that a plain object cannot hold in sorted order. */
let unsortable = false;

/** An unescaped backslash (an even number of them before it) that starts \ud800 … \udfff. */
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same value with its members in order; parts that are in order already are shared, not copied. Checks on its way. */
function inOrder(value: unknown): unknown {
  if (value === null) return value;
  const type = typeof value;
  if (type === 'object') {
    return Array.isArray(value) ? arrayInOrder(value) : objectInOrder(value as Record<string, unknown>);
  }
  if (type === 'string' || type === 'boolean') return value;
  if (type !== 'number') throw new NotCanonicalError(`JSON has no ${type}`);
  if (!Number.isFinite(value)) throw new NotCanonicalError('NaN and infinities are not JSON numbers');
  return value;
}

function arrayInOrder(values: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < values.length; i += 1) {
    const after = inOrder(values[i]);
    if (after !== values[i]) (copy ??= [...values])[i] = after;
  }
  return copy ?? values;
}

function objectInOrder(members: Record<string, unknown>): Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(members);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotCanonicalError(`a ${members.constructor?.name ?? 'foreign object'} is not JSON`);
  }
  let sorted = true;
  let previous = '';
  // No list of the keys is made: nearly every object that is written was put in order when it was read.
  for (const key in members) {
    if (key < previous) sorted = false;
    previous = key;
    const first = key.charCodeAt(0);
    if ((first >= 0x30 && first <= 0x39) || key === '__proto__') unsortable = true;
  }
  if (!sorted) return copyInOrder(members, sortedKeys(members), 0);
  for (const key in members) {
    const before = members[key];
    if (typeof before === 'string' || before === undefined) continue;
    const after = inOrder(before);
    if (after !== before) {
      const keys = Object.keys(members);
      return copyInOrder(members, keys, keys.indexOf(key), after);
    }
  }
  return members;
}

/** Usual objects have a dozen members: sorting them by insertion takes no memory, and Array.sort takes a good deal. */
const FEW_KEYS = 32;

function sortedKeys(members: Record<string, unknown>): string[] {
  const keys = Object.keys(members);
  if (keys.length > FEW_KEYS) return keys.toSorted(byCodeUnit);
  for (let i = 1; i < keys.length; i += 1) {
    const key = keys[i] as string;
    let j = i;
    for (; j > 0 && key < (keys[j - 1] as string); j -= 1) keys[j] = keys[j - 1] as string;
    keys[j] = key;
  }
  return keys;
}

/** `changed` is what the member at index `from` has become; those before it are in order already. No part is walked twice. */
function copyInOrder(
  members: Record<string, unknown>,
  keys: readonly string[],
  from: number,
  changed?: unknown,
): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] as string;
    const before = members[key];
    if (i < from || typeof before === 'string' || before === undefined) copy[key] = before;
    else copy[key] = i === from && changed !== undefined ? changed : inOrder(before);
  }
  return copy;
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : 1);

function fromPieces(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(fromPieces).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted(byCodeUnit)
    .map((key) => `${JSON.stringify(key)}:${fromPieces(value[key])}`);
  return `{${members.join(',')}}`;
}
