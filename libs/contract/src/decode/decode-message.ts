import type { Problem, RejectionCode } from '../rejection-codes.js';
import {
  attributesOf,
  type CloudEvent,
  checkDataMembers,
  readAttributes,
  readIdentity,
  readTraceparent,
} from './cloud-event.js';
import { announcesCloudEvents, contentKind } from './content-type.js';
import { type MessageHeaders, type ReadHeaders, readHeaders } from './headers.js';
import { parseStrictJson } from './strict-json.js';

/** A Kafka message as far as its meaning goes. */
export interface RawMessage {
  key?: Buffer | null;
  value: Buffer | null;
  headers?: MessageHeaders | undefined;
}

/** A CloudEvent whose bytes, headers and attributes are right. Its data are JSON, but not validated yet. */
export interface ReadableMessage {
  kind: 'event';
  mode: 'structured' | 'binary';
  cloudEvent: CloudEvent;
  data: unknown;
}

/**
 * A message that is no acceptable CloudEvent. `code` is that of the first problem; pointers are those of the structured
 * form ("" where there is none). The identity is given as far as it could be read without doubt.
 */
export interface UnreadableMessage {
  kind: 'unreadable';
  code: RejectionCode;
  problems: Problem[];
  ceSource?: string;
  ceId?: string;
  ceType?: string;
}

export type Decoded = ReadableMessage | UnreadableMessage;

type Identity = ReturnType<typeof readIdentity>;

function unreadable(problems: Problem[], identity: Identity = {}): UnreadableMessage {
  const [first] = problems;
  return { kind: 'unreadable', code: first?.code ?? 'UNPROCESSABLE', problems, ...identity };
}

const problem = (code: RejectionCode, detail: string): Problem[] => [{ pointer: '', code, detail }];

/** Reads a parsed structured CloudEvent, from Kafka or from an HTTP body. */
export function decodeStructured(event: unknown, traceparent?: string): Decoded {
  const attributes = attributesOf(event);
  if (attributes === null) return unreadable(problem('NOT_A_CLOUDEVENT', 'must be an object'));
  const read = readAttributes(attributes);
  const members = event as Record<string, unknown>;
  const dataProblems = checkDataMembers(members);
  if (!read.ok || dataProblems.length > 0) {
    return unreadable([...(read.ok ? [] : read.problems), ...dataProblems], readIdentity(attributes));
  }
  const trace = readTraceparent(traceparent);
  if (trace !== undefined) read.cloudEvent.traceparent ??= trace;
  return { kind: 'event', mode: 'structured', cloudEvent: read.cloudEvent, data: members['data'] };
}

function checkContentType({ contentType, attributes }: ReadHeaders): Problem[] {
  if (contentType === undefined || !announcesCloudEvents(contentType)) {
    if (attributes.size === 0) return problem('NOT_A_CLOUDEVENT', 'no CloudEvents content type and no ce_ headers');
    const isJson = contentType === undefined || contentKind(contentType) === 'json';
    return isJson ? [] : problem('CONTENT_TYPE_NOT_SUPPORTED', 'binary mode needs application/json in UTF-8');
  }
  const kind = contentKind(contentType);
  if (kind === 'batch') return problem('BATCH_NOT_SUPPORTED', 'send one event per message');
  return kind === 'structured'
    ? []
    : problem('CONTENT_TYPE_NOT_SUPPORTED', 'structured mode needs application/cloudevents+json in UTF-8');
}

function decodeBinary(value: Buffer, headers: ReadHeaders): Decoded {
  const identity = readIdentity(headers.attributes);
  const read = readAttributes(headers.attributes);
  const parsed = parseStrictJson(value);
  if (!read.ok || !parsed.ok) {
    const inData = parsed.ok ? [] : parsed.problems.map((found) => ({ ...found, pointer: `/data${found.pointer}` }));
    return unreadable([...inData, ...(read.ok ? [] : read.problems)], identity);
  }
  const trace = readTraceparent(headers.traceparent);
  if (trace !== undefined) read.cloudEvent.traceparent ??= trace;
  return { kind: 'event', mode: 'binary', cloudEvent: read.cloudEvent, data: parsed.value };
}

/**
 * Reads one Kafka message by the CloudEvents 1.0 Kafka binding: structured when its content type begins with
 * `application/cloudevents`, else binary. Never throws, whatever the bytes. A tombstone, an empty or an oversized
 * message is unreadable. Whether type, source and data are acceptable is for `typeAllowedOn`, `sourceAllowedOn` and
 * `validateData` to say.
 */
export function decodeMessage({ value, headers = {} }: RawMessage): Decoded {
  const read = readHeaders(headers);
  const identity = readIdentity(read.attributes);
  if (value === null) return unreadable(problem('TOMBSTONE', 'must have a value'), identity);
  if (value.length === 0) return unreadable(problem('EMPTY_MESSAGE', 'must have content'), identity);
  if (read.problems.length > 0) return unreadable(read.problems, identity);
  const wrongType = checkContentType(read);
  if (wrongType.length > 0) return unreadable(wrongType, identity);
  if (read.contentType === undefined || !announcesCloudEvents(read.contentType)) return decodeBinary(value, read);
  const parsed = parseStrictJson(value);
  return parsed.ok ? decodeStructured(parsed.value, read.traceparent) : unreadable(parsed.problems, identity);
}
