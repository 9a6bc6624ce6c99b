import { parseStrictJson } from '#app/contract';
import type { Entry } from './submission.js';

/** What plain data lack of a CloudEvent; already known to be right. */
export interface Envelope {
  id: string;
  source: string;
  type: string;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

function entryOf(at: string, bytes: Buffer, envelope: Envelope): Entry {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok) return { at, problems: parsed.problems };
  const event = { specversion: '1.0', ...envelope, datacontenttype: 'application/json', data: parsed.value };
  return { at, message: { ...envelope, data: parsed.value, event } };
}

/** One object. The CloudEvents id is the idempotency key. */
export function readObject(body: Buffer, envelope: Envelope): Entry[] {
  return [entryOf('', body, envelope)];
}

/** One object a line; ids are `<key>/<line>`, lines counted from 1. Blank lines count, and carry nothing. */
export function readLines(body: Buffer, envelope: Envelope): Entry[] {
  const entries: Entry[] = [];
  let start = 0;
  for (let line = 1; start < body.length; line += 1) {
    const found = body.indexOf(LINE_FEED, start);
    const end = found < 0 ? body.length : found;
    const bytes = body.subarray(start, end > start && body[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
    start = end + 1;
    if (bytes.every((byte) => byte === 0x20 || byte === 0x09)) continue;
    entries.push(entryOf(`/${line}`, bytes, { ...envelope, id: `${envelope.id}/${line}` }));
  }
  return entries;
}
