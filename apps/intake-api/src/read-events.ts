import { type Decoded, decodeStructured, parseStrictJson, type Problem as Finding } from '#app/contract';
import type { Entry, Submission } from './submission.js';

const PREFIX = 'ce-';

function entryOf(at: string, decoded: Decoded, event: unknown): Entry {
  if (decoded.kind === 'unreadable') return { at, problems: decoded.problems };
  const { id, source, type } = decoded.cloudEvent;
  return { at, message: { id, source, type, data: decoded.data, event: event as Record<string, unknown> } };
}

/** One CloudEvent in structured mode. */
export function readEvent(body: Buffer): Entry[] {
  const parsed = parseStrictJson(body);
  return [
    parsed.ok ? entryOf('', decodeStructured(parsed.value), parsed.value) : { at: '', problems: parsed.problems },
  ];
}

/** A CloudEvents batch: a JSON array of structured events. */
export function readBatch(body: Buffer, limit: number): Entry[] {
  const parsed = parseStrictJson(body, limit);
  if (!parsed.ok) return [{ at: '', problems: parsed.problems }];
  if (!Array.isArray(parsed.value)) {
    return [{ at: '', problems: [{ pointer: '', code: 'WRONG_TYPE', detail: 'a batch is an array' }] }];
  }
  return parsed.value.map((event: unknown, index) => entryOf(`/${index}`, decodeStructured(event), event));
}

/** True when a request carries CloudEvents attributes as headers. */
export function isBinaryMode(headers: Submission['headers']): boolean {
  return Object.keys(headers).some((name) => name.startsWith(PREFIX));
}

/** HTTP binding §3.1.3.2: values are percent-encoded UTF-8 in printable ASCII, optionally in double quotes. */
function decodeHeader(value: string): string | null {
  if (!/^[ -~]*$/u.test(value)) return null;
  const unquoted = /^"(.*)"$/u.exec(value)?.[1]?.replaceAll(/\\(.)/gu, '$1') ?? value;
  try {
    return decodeURIComponent(unquoted);
  } catch {
    return null;
  }
}

/** One CloudEvent in binary mode: attributes in `ce-` headers, the data as the body. */
export function readBinary({ headers, body }: Submission): Entry[] {
  const problems: Finding[] = [];
  const attributes: [string, string][] = [];
  for (const [header, values = []] of Object.entries(headers)) {
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    const value = decodeHeader(values[0] ?? '');
    if (values.length > 1) problems.push({ pointer: `/${name}`, code: 'HEADER_DUPLICATED', detail: 'is given twice' });
    else if (value === null)
      problems.push({ pointer: `/${name}`, code: 'ATTRIBUTE_INVALID', detail: 'is not encoded' });
    else if (name !== 'data' && name !== 'data_base64' && name !== 'datacontenttype') attributes.push([name, value]);
  }
  const parsed = parseStrictJson(body);
  if (!parsed.ok) problems.push(...parsed.problems.map((found) => ({ ...found, pointer: `/data${found.pointer}` })));
  if (problems.length > 0 || !parsed.ok) return [{ at: '', problems }];
  const event = { ...Object.fromEntries(attributes), datacontenttype: 'application/json', data: parsed.value };
  return [entryOf('', decodeStructured(event), event)];
}
