import type { Problem } from '../rejection-codes.js';
import { isGiven, isJsonObject } from '../rules/rule.js';
import { LINE_PATTERN, lengthOf } from '../rules/text.js';
import { isTimestamp } from '../rules/time.js';
import { ATTRIBUTE_LIMITS } from './attribute-limits.js';
import { contentKind } from './content-type.js';

/** The attributes of a CloudEvent 1.0 that the ledger uses. Identity is (`source`, `id`). */
export interface CloudEvent {
  id: string;
  source: string;
  type: string;
  time?: string;
  subject?: string;
  dataschema?: string;
  /** Extension: what the publisher follows a message by, through several systems. */
  correlationid?: string;
  /** W3C trace context, from the Kafka header or the extension; absent when malformed. */
  traceparent?: string;
}

/** Attributes by name, from the members of a structured event or from headers. */
export type Attributes = ReadonlyMap<string, unknown>;

export type ReadAttributes = { ok: true; cloudEvent: CloudEvent } | { ok: false; problems: Problem[] };

const LINE = new RegExp(LINE_PATTERN, 'u');
/** A URI reference has none of these; `|` also divides source and ref in the message key. */
export const URI_PATTERN = '^[^\\u0000-\\u0020\\u007f-\\u00a0"<>\\\\^`{|}]+$';
const URI_REFERENCE = new RegExp(URI_PATTERN, 'u');
export const EXTENSION_NAME_PATTERN = '^[a-z0-9]{1,64}$';
const EXTENSION_NAME = new RegExp(EXTENSION_NAME_PATTERN, 'u');
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/u;

const CONTEXT: Record<string, { max: number; form: RegExp; required: boolean }> = {
  id: { max: ATTRIBUTE_LIMITS.id, form: LINE, required: true },
  source: { max: ATTRIBUTE_LIMITS.source, form: URI_REFERENCE, required: true },
  type: { max: ATTRIBUTE_LIMITS.type, form: LINE, required: true },
  subject: { max: ATTRIBUTE_LIMITS.subject, form: LINE, required: false },
  dataschema: { max: ATTRIBUTE_LIMITS.extension, form: URI_REFERENCE, required: false },
};
const CONTEXT_ENTRIES = Object.entries(CONTEXT);
const OTHER_NAMES: ReadonlySet<string> = new Set(['specversion', 'time', 'datacontenttype', 'data', 'data_base64']);

const invalid = (name: string, detail: string): Problem => ({ pointer: `/${name}`, code: 'ATTRIBUTE_INVALID', detail });

function fits(value: unknown, { max, form }: { max: number; form: RegExp }): value is string {
  return typeof value === 'string' && value.length <= max * 2 && lengthOf(value) <= max && form.test(value);
}

function checkContext(attributes: Attributes, problems: Problem[]): void {
  for (const [name, limits] of CONTEXT_ENTRIES) {
    const value = attributes.get(name);
    if (!isGiven(value)) {
      if (limits.required) {
        problems.push({ pointer: `/${name}`, code: 'ATTRIBUTE_MISSING', detail: 'must be given' });
      }
    } else if (!fits(value, limits)) {
      const form = limits.form === LINE ? 'text without control characters' : 'a URI reference';
      problems.push(invalid(name, `must be ${form} of 1 to ${limits.max} characters`));
    }
  }
}

function checkVersion(value: unknown): Problem[] {
  if (value === '1.0') return [];
  if (!isGiven(value)) return [{ pointer: '/specversion', code: 'ATTRIBUTE_MISSING', detail: 'must be given' }];
  return [{ pointer: '/specversion', code: 'SPECVERSION_NOT_SUPPORTED', detail: 'must be 1.0' }];
}

function checkExtension(name: string, value: unknown): Problem[] {
  if (CONTEXT[name] !== undefined && Object.hasOwn(CONTEXT, name)) return [];
  if (OTHER_NAMES.has(name)) return [];
  if (!EXTENSION_NAME.test(name)) {
    return [{ pointer: '', code: 'ATTRIBUTE_INVALID', detail: 'attribute names are lower-case letters and digits' }];
  }
  const scalar = value === null || typeof value === 'boolean' || Number.isInteger(value);
  if (scalar || (typeof value === 'string' && lengthOf(value) <= ATTRIBUTE_LIMITS.extension)) return [];
  return [
    invalid(name, `must be a string of at most ${ATTRIBUTE_LIMITS.extension} characters, an integer or a boolean`),
  ];
}

/** The identity as far as it can be read, for the record of a refused message. */
export function readIdentity(attributes: Attributes): { ceId?: string; ceSource?: string; ceType?: string } {
  const read = (name: 'id' | 'source' | 'type'): string | undefined => {
    const value = attributes.get(name);
    const limits = CONTEXT[name];
    return limits !== undefined && fits(value, limits) ? value : undefined;
  };
  const [ceId, ceSource, ceType] = [read('id'), read('source'), read('type')];
  return {
    ...(ceId === undefined ? {} : { ceId }),
    ...(ceSource === undefined ? {} : { ceSource }),
    ...(ceType === undefined ? {} : { ceType }),
  };
}

/** Checks all attributes of one CloudEvent. Pointers are those of the structured form, whatever the mode. */
export function readAttributes(attributes: Attributes): ReadAttributes {
  const problems = checkVersion(attributes.get('specversion'));
  checkContext(attributes, problems);
  for (const [name, value] of attributes) problems.push(...checkExtension(name, value));
  const time = attributes.get('time');
  if (isGiven(time) && !(typeof time === 'string' && isTimestamp(time))) {
    problems.push(invalid('time', 'must be an RFC 3339 time'));
  }
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, 100) };
  const cloudEvent = {
    id: attributes.get('id'),
    source: attributes.get('source'),
    type: attributes.get('type'),
  } as CloudEvent;
  if (typeof time === 'string') cloudEvent.time = time;
  for (const name of ['subject', 'dataschema', 'correlationid'] as const) {
    const value = attributes.get(name);
    if (typeof value === 'string') cloudEvent[name] = value;
  }
  const trace = readTraceparent(attributes.get('traceparent'));
  if (trace !== undefined) cloudEvent.traceparent = trace;
  return { ok: true, cloudEvent };
}

/** W3C says to ignore a malformed traceparent, not to refuse what it came with. */
export function readTraceparent(value: unknown): string | undefined {
  return typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined;
}

/** What is wrong with the data of a structured event, apart from its content. */
export function checkDataMembers(event: Record<string, unknown>): Problem[] {
  const contentType = event['datacontenttype'];
  const isJson = !isGiven(contentType) || (typeof contentType === 'string' && contentKind(contentType) === 'json');
  if (isGiven(event['data_base64'])) {
    return [{ pointer: '/data_base64', code: 'DATA_NOT_JSON', detail: 'give the data as JSON in the member data' }];
  }
  if (!isJson) return [{ pointer: '/datacontenttype', code: 'DATA_NOT_JSON', detail: 'must be application/json' }];
  return isGiven(event['data']) ? [] : [{ pointer: '/data', code: 'DATA_MISSING', detail: 'must be given' }];
}

/** The members of a structured CloudEvent as attributes; null when the value is no object. */
export function attributesOf(value: unknown): Attributes | null {
  return isJsonObject(value) ? new Map(Object.entries(value)) : null;
}
