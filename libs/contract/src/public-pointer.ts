import { isJsonObject } from './rules/rule.js';
import { jsonSchemas } from './schema/generate.js';

/** Members of a structured CloudEvent that the contract speaks of. */
const ENVELOPE = [
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'subject',
  'dataschema',
  'datacontenttype',
  'data',
  'data_base64',
  'correlationid',
  'traceparent',
];
/** Longer digits are no index of an array that the schemas allow, but could be a telephone number. */
const INDEX = /^(?:0|[1-9]\d{0,3})$/u;

function namesIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(namesIn);
  if (!isJsonObject(schema)) return [];
  const { properties } = schema;
  const own = isJsonObject(properties) ? Object.keys(properties) : [];
  return [...own, ...Object.values(schema).flatMap(namesIn)];
}

const NAMES: ReadonlySet<string> = new Set([...ENVELOPE, ...Object.values(jsonSchemas()).flatMap(namesIn)]);

/**
 * The part of a JSON Pointer that may be public for ever: its tokens up to the first one that is neither an index nor a
 * member name of the published schemas. What comes after that is the sender's own text, which may name a person.
 */
export function publicPointer(pointer: string): string {
  const tokens = pointer.split('/').slice(1);
  const end = tokens.findIndex((token) => !INDEX.test(token) && !NAMES.has(token));
  const kept = end === -1 ? tokens : tokens.slice(0, end);
  return kept.map((token) => `/${token}`).join('');
}
