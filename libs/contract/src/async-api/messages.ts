import type { EventType } from '#app/domain';
import { eventTypeOf } from '../events-out/event-names.js';
import { REJECTION_CODES } from '../rejection-codes.js';
import type { Schema } from '../rules/rule.js';
import { cloudEventSchema } from '../schema/cloud-event-schema.js';
import { DTO_BY_TYPE } from '../schema/generate.js';
import type { MessageType } from '../topics.js';
import { EXAMPLES } from './examples.js';
import { RECORDED_EXAMPLE } from './recorded-event.js';

/** Where the document keeps its schemas. */
export const SCHEMAS = '#/components/schemas/';
/** Version of the Kafka bindings. */
export const BINDING = '0.5.0';
export const ref = (path: string): Schema => ({ $ref: path });
const text = (description: string): Schema => ({ type: 'string', description });

/** `org.conflictledger.report-withdrawn.v1` → `reportWithdrawn`. */
function nameOf(type: string): string {
  const words = type.split('.').at(-2) ?? type;
  return words.replaceAll(/-(?<letter>[a-z])/gu, (_match, letter: string) => letter.toUpperCase());
}

const keyed = (description: string): object => ({ kafka: { key: text(description), bindingVersion: BINDING } });

const IN_KEY = keyed(
  '`<CloudEvents source>|<incident ref>`: one incident stays in order. Other messages: any key of theirs.',
);
const EVENT_KEY = keyed('The stream of the event, a UUID: the events of one stream stay in order.');

function ceHeaders(type: Schema, more: Record<string, Schema> = {}): Schema {
  return {
    type: 'object',
    required: ['content-type', 'ce_specversion', 'ce_id', 'ce_source', 'ce_type'],
    properties: {
      'content-type': { type: 'string', description: 'application/json' },
      ce_specversion: { const: '1.0' },
      ce_id: text('With ce_source the identity of the event'),
      ce_source: text('Who says so: a URI reference'),
      ce_type: type,
      ...more,
    },
  };
}

/** What publishers and stewards send, in both content modes of CloudEvents; one declaration is behind both. */
export function inbound(type: MessageType): Record<string, object> {
  const payload = ref(SCHEMAS + DTO_BY_TYPE[type].name);
  const examples = EXAMPLES[type];
  const common = { title: type, bindings: IN_KEY };
  return {
    [nameOf(type)]: {
      ...common,
      name: type,
      summary: 'Binary mode: attributes in headers, the data as value',
      contentType: 'application/json',
      headers: ceHeaders({ const: type }),
      payload,
      examples: examples.map(({ name, summary, id, source, data }) => ({
        name,
        summary,
        headers: {
          'content-type': 'application/json',
          ce_specversion: '1.0',
          ce_id: id,
          ce_source: source,
          ce_type: type,
        },
        payload: data,
      })),
    },
    [`${nameOf(type)}Structured`]: {
      ...common,
      name: `${type} (structured)`,
      summary: 'Structured mode: the whole CloudEvent as value',
      contentType: 'application/cloudevents+json',
      payload: cloudEventSchema(type, payload),
      examples: examples.map(({ name, summary, id, source, data }) => ({
        name,
        summary,
        payload: { specversion: '1.0', id, source, type, datacontenttype: 'application/json', data },
      })),
    },
  };
}

/** A recorded event as the relay sends it. */
export function recorded(type: EventType): Record<string, object> {
  const ceType = eventTypeOf(type);
  const example = RECORDED_EXAMPLE.type === type ? { examples: [recordedExample(ceType)] } : {};
  return {
    [`recorded${type}`]: {
      name: ceType,
      title: type,
      contentType: 'application/json',
      bindings: EVENT_KEY,
      headers: ceHeaders({ const: ceType }, EVENT_HEADERS),
      payload: { allOf: [ref(`${SCHEMAS}RecordedEvent`), { type: 'object', properties: { type: { const: type } } }] },
      ...example,
    },
  };
}

const EVENT_HEADERS: Record<string, Schema> = {
  ce_time: { type: 'string', format: 'date-time', description: 'When it was recorded' },
  ce_subject: text('The stream'),
  ce_log: text('Id of the log'),
  ce_position: {
    type: 'string',
    pattern: String.raw`^\d+$`,
    description: 'Position in the log; a String, since CloudEvents integers have 32 bits',
  },
  ce_streamversion: {
    type: 'string',
    pattern: String.raw`^\d+$`,
    description: 'Number of the event in its stream, from 1',
  },
  ce_correlationid: text('What it belongs to'),
  ce_causationid: text('The event that caused it, if one did'),
  ce_traceparent: text('W3C trace context of the message that it comes from, if that had one'),
};

function recordedExample(ceType: string): object {
  const { id, recordedAt, stream, log, position, streamVersion, correlationId } = RECORDED_EXAMPLE;
  return {
    name: 'recorded',
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: 'https://ledger.example.org/log',
      ce_type: ceType,
      ce_time: recordedAt,
      ce_subject: stream,
      ce_log: log,
      ce_position: String(position),
      ce_streamversion: String(streamVersion),
      ce_correlationid: correlationId,
    },
    payload: RECORDED_EXAMPLE,
  };
}

/** The notice of a refusal: code and problems, never the values of the message. */
export const REJECTED_MESSAGE = {
  name: 'rejected',
  title: 'A message was refused',
  contentType: 'application/json',
  bindings: keyed('Id of the rejection: a repeated notice is recognised'),
  headers: {
    type: 'object',
    properties: {
      'kafka_dlt-original-topic': text('Where the message is'),
      'kafka_dlt-original-partition': text('int32, big endian'),
      'kafka_dlt-original-offset': text('int64, big endian'),
      'kafka_dlt-original-timestamp': text('int64, big endian: milliseconds since 1970'),
      'kafka_dlt-exception-message': text('The code'),
      'ledger-rejection-code': text('The code'),
      'ledger-rejection-id': text('Id of the rejection'),
    },
  },
  payload: ref(`${SCHEMAS}RejectionNotice`),
  examples: [
    {
      name: 'missingPlace',
      payload: {
        rejection: '019a0000-0000-7000-8000-000000000021',
        position: 21,
        event: '019a0000-0000-7000-8000-000000000021',
        stage: 'VALIDATE',
        code: 'REQUIRED',
        problems: [{ pointer: '/data/place', code: 'REQUIRED', detail: 'must be given' }],
        source: 'https://kurdistan24.example/reports',
        id: 'kurdistan24-2018-11-08-mosul/1',
      },
    },
  ],
};

const codes = Object.keys(REJECTION_CODES);
export const REJECTION_NOTICE: Schema = {
  type: 'object',
  required: ['rejection', 'position', 'event', 'stage', 'code', 'problems', 'source', 'id'],
  properties: {
    rejection: { type: 'string', format: 'uuid' },
    position: { type: 'integer', minimum: 0 },
    event: { type: 'string', format: 'uuid', description: 'The ReportRejected event' },
    stage: text('Where on its way the message was refused'),
    code: { enum: codes },
    problems: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'code', 'detail'],
        properties: { pointer: text('JSON Pointer'), code: { enum: codes }, detail: text('In words, without values') },
      },
    },
    source: { type: ['string', 'null'], description: 'CloudEvents source, where it could be read' },
    id: { type: ['string', 'null'], description: 'CloudEvents id, where it could be read' },
  },
};
