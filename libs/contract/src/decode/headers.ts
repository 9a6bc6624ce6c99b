import { isUtf8 } from 'node:buffer';
import type { Problem } from '../rejection-codes.js';

/** Kafka headers as a client gives them: an array when a key is given several times. */
export type MessageHeaders = Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;

/** The headers that carry a CloudEvent. */
export interface ReadHeaders {
  contentType: string | undefined;
  traceparent: string | undefined;
  /** `ce_` headers by attribute name. */
  attributes: Map<string, string>;
  problems: Problem[];
}

const CE = 'ce_';

const trouble = (code: 'HEADER_DUPLICATED' | 'HEADER_NOT_UTF8', header: string): Problem => ({
  pointer: '',
  code,
  detail: `header ${header}`,
});

function textOf(value: Buffer | string): string | null {
  if (typeof value === 'string') return value;
  return isUtf8(value) ? value.toString('utf8') : null;
}

/** Reads `content-type`, `traceparent` and `ce_*`; other headers are none of our business. */
export function readHeaders(headers: MessageHeaders): ReadHeaders {
  const read: ReadHeaders = { contentType: undefined, traceparent: undefined, attributes: new Map(), problems: [] };
  for (const name of Object.keys(headers)) {
    const lower = name.toLowerCase();
    const isAttribute = name.startsWith(CE);
    if (!isAttribute && lower !== 'content-type' && lower !== 'traceparent') continue;
    const given = headers[name];
    const value = Array.isArray(given) && given.length === 1 ? given[0] : given;
    if (value === undefined || value === null) continue;
    const label = isAttribute ? 'ce_*' : lower;
    const twice = Array.isArray(value) || (lower === 'content-type' && read.contentType !== undefined);
    const text = Array.isArray(value) ? null : textOf(value as Buffer | string);
    if (lower === 'traceparent') read.traceparent = text ?? undefined;
    else if (twice) read.problems.push(trouble('HEADER_DUPLICATED', label));
    else if (text === null) read.problems.push(trouble('HEADER_NOT_UTF8', label));
    else if (isAttribute) read.attributes.set(name.slice(CE.length), text);
    else read.contentType = text;
  }
  return read;
}
