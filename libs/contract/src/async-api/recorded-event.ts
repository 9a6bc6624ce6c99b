import { EVENT_TYPES } from '#app/domain';
import type { Schema } from '../rules/rule.js';

const uuid: Schema = { type: 'string', format: 'uuid' };
const text: Schema = { type: 'string' };
const position: Schema = { type: 'integer', minimum: 0, description: 'Dense, from 0, in the order of recording' };
const version: Schema = { type: 'integer', minimum: 1 };

const source: Schema = {
  type: ['object', 'null'],
  description: 'The message that it comes from; null for what the ledger itself records',
  required: ['ceId', 'ceSource', 'cluster', 'offset', 'partition', 'payloadCommitment', 'topic'],
  properties: {
    ceSource: text,
    ceId: text,
    cluster: text,
    topic: text,
    partition: { type: 'integer' },
    offset: { type: 'integer' },
    payloadCommitment: { type: 'string', description: 'base64url SHA-256(salt16 ‖ raw message value)' },
  },
};

/** JSON Schema of a leaf: the canonical JSON (RFC 8785) of a recorded event, which is hashed and never changes. */
export const RECORDED_EVENT: Schema = {
  type: 'object',
  description:
    'A leaf, byte for byte as it was recorded and hashed. `data` depends on `type`; committed values are not in it, only their commitments in `sd`.',
  required: [
    'actor',
    'causationId',
    'correlationId',
    'data',
    'id',
    'log',
    'position',
    'recordedAt',
    'sd',
    'source',
    'stream',
    'streamVersion',
    'type',
    'v',
  ],
  properties: {
    v: { const: 1, description: 'Version of this envelope' },
    log: uuid,
    position,
    recordedAt: { type: 'string', format: 'date-time' },
    id: uuid,
    type: { enum: [...EVENT_TYPES] },
    stream: uuid,
    streamVersion: version,
    also: {
      type: 'array',
      description: 'Further streams that the event touches; it is sent once, under its own stream',
      items: {
        type: 'object',
        required: ['stream', 'streamVersion'],
        properties: { stream: uuid, streamVersion: version },
      },
    },
    occurred: {
      type: 'object',
      required: ['start', 'end', 'precision'],
      properties: {
        start: { type: 'string', format: 'date' },
        end: { type: 'string', format: 'date' },
        precision: { enum: ['DAY', 'WEEK', 'MONTH', 'YEAR'] },
      },
    },
    source,
    actor: text,
    causationId: { type: ['string', 'null'] },
    correlationId: text,
    data: { type: 'object' },
    sd: {
      type: 'object',
      description: 'JSON Pointer into the data of the message → base64url SHA-256(salt16 ‖ JCS([pointer, value]))',
      additionalProperties: text,
    },
  },
  additionalProperties: false,
};

/** An example of such a leaf. */
export const RECORDED_EXAMPLE = {
  actor: 'https://kurdistan24.example/reports',
  causationId: null,
  correlationId: '019a0000-0000-7000-8000-000000000010',
  data: { incident: { ref: '2018-11-08-mosul-abu-layla' }, reportId: 'kurdistan24-2018-11-08-mosul' },
  id: '019a0000-0000-7000-8000-000000000010',
  log: '019a0000-0000-7000-8000-000000000000',
  position: 16,
  recordedAt: '2026-11-23T17:43:33.123Z',
  sd: { '/reason': '0Zq3rS2p4yJ1n0m3o5VtYw7x9z1B3d5F7h9J1l3N5p8' },
  source: {
    ceId: 'kurdistan24-2018-11-08-mosul/withdrawn',
    ceSource: 'https://kurdistan24.example/reports',
    cluster: 'MkU3OEVBNTcwNTJENDM2Qg',
    offset: 12,
    partition: 3,
    payloadCommitment: 'b7Xy0Zq3rS2p4yJ1n0m3o5VtYw7x9z1B3d5F7h9J1l3',
    topic: 'conflict.reports.v1',
  },
  stream: 'aee9e0d0-5a68-5b2f-8f0b-2a5c4a0a6f11',
  streamVersion: 2,
  type: 'ReportWithdrawn',
  v: 1,
};
