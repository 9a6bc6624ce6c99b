import { hash } from 'node:crypto';
import { canonicalize } from './canonical-json.js';
import { MalformedDisclosureError, SealBrokenError } from './errors.js';

/**
 * One committed value, shown to somebody who can check it against the leaf: digest = SHA-256(salt ‖ JCS([pointer, value])).
 * Only this value becomes known; every other one has a salt of its own.
 */
export interface Disclosure {
  v: 1;
  /** Id of the log. */
  log: string;
  position: number;
  /** JSON Pointer into the data of the message. */
  pointer: string;
  value: unknown;
  /** 16 bytes, base64url. */
  salt: string;
  /** A C2SP tlog-proof with the leaf as its extra data; null while no checkpoint covers the position. */
  proof: string | null;
}

/** What a disclosure was found to say of a leaf; `reason` is a sentence. */
export type Disclosed = { kind: 'DISCLOSED'; eventId: string; type: string } | { kind: 'REFUTED'; reason: string };

const SALT_BYTES = 16;

/**
 * Makes the disclosure of one committed value.
 *
 * @param leaf the leaf as it was recorded
 * @param opening salt ‖ JCS([pointer, value]), as `openOpening` gives it
 * @throws SealBrokenError when the leaf committed to nothing at the pointer, or to something else
 */
export function makeDisclosure(
  leaf: string,
  { pointer, opening, proof }: { pointer: string; opening: Buffer; proof: string | null },
): Disclosure {
  const { log, position } = JSON.parse(leaf) as { log: string; position: number };
  const [, value] = JSON.parse(opening.toString('utf8', SALT_BYTES)) as [string, unknown];
  const salt = opening.toString('base64url', 0, SALT_BYTES);
  const disclosure: Disclosure = { v: 1, log, position, pointer, value, salt, proof };
  const checked = checkDisclosure(disclosure, leaf);
  if (checked.kind === 'REFUTED') throw new SealBrokenError(checked.reason);
  return disclosure;
}

/** As a file: JSON in which no character can turn the text around it or drive a terminal. */
export function formatDisclosure(disclosure: Disclosure): string {
  const json = JSON.stringify(disclosure, null, 2);
  const escaped = json.replaceAll(/[\p{Cf}\u007f-\u009f\u2028\u2029]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
  return `${escaped}\n`;
}

/** @throws MalformedDisclosureError with a sentence */
export function parseDisclosure(text: string): Disclosure {
  const { v, log, position, pointer, value, salt, proof } = membersOf(text);
  if (v !== 1) throw new MalformedDisclosureError('the disclosure is not of version 1');
  if (typeof log !== 'string' || typeof pointer !== 'string') throw missing('log and pointer, which are texts');
  if (typeof position !== 'number' || !Number.isSafeInteger(position) || position < 0) throw missing('its position');
  if (value === undefined) throw missing('the value');
  if (typeof salt !== 'string' || !isSalt(salt)) throw missing(`its salt: ${SALT_BYTES} bytes in base64url`);
  if (proof !== null && typeof proof !== 'string') throw missing('its proof, a text or null');
  return { v, log, position, pointer, value, salt, proof };
}

/**
 * Checks a disclosed value against a leaf. That the leaf is in the log is what the proof is for: `ledger verify` does both.
 *
 * @param leaf the leaf that the proof carries, verbatim
 */
export function checkDisclosure(disclosure: Disclosure, leaf: string): Disclosed {
  const refuted = (reason: string): Disclosed => ({ kind: 'REFUTED', reason });
  const recorded = leafOf(leaf);
  if (recorded === null) return refuted('the leaf is not the text of an event');
  const { log, position, pointer, value, salt } = disclosure;
  if (recorded.log !== log) return refuted(`the leaf is of the log ${recorded.log}, not of ${log}`);
  if (recorded.position !== position)
    return refuted(`the leaf is at position ${recorded.position}, not at ${position}`);
  const digest = Object.hasOwn(recorded.sd, pointer) ? recorded.sd[pointer] : undefined;
  if (digest === undefined) return refuted(`the leaf committed to nothing at "${pointer}"`);
  const opening = openingOf(salt, [pointer, value]);
  if (opening === null) return refuted('the value has no canonical JSON text');
  if (hash('sha256', opening, 'base64url') !== digest) {
    return refuted(`the leaf committed to another value at "${pointer}", or with another salt`);
  }
  return { kind: 'DISCLOSED', eventId: recorded.id, type: recorded.type };
}

interface RecordedLeaf {
  id: string;
  log: string;
  position: number;
  sd: Record<string, string>;
  type: string;
}

function leafOf(text: string): RecordedLeaf | null {
  try {
    const leaf = JSON.parse(text) as RecordedLeaf | null;
    return typeof leaf?.sd === 'object' && leaf.sd !== null ? leaf : null;
  } catch {
    return null;
  }
}

/** Null where RFC 8785 has no text: a lone surrogate, for instance. */
function openingOf(salt: string, content: [string, unknown]): Buffer | null {
  try {
    return Buffer.concat([Buffer.from(salt, 'base64url'), Buffer.from(canonicalize(content))]);
  } catch {
    return null;
  }
}

function membersOf(text: string): Record<keyof Disclosure, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new MalformedDisclosureError('the disclosure is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new MalformedDisclosureError('the disclosure is not a JSON object');
  }
  return parsed as Record<keyof Disclosure, unknown>;
}

function isSalt(text: string): boolean {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === SALT_BYTES && bytes.toString('base64url') === text;
}

function missing(what: string): MalformedDisclosureError {
  return new MalformedDisclosureError(`the disclosure lacks ${what}`);
}
