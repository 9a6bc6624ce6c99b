import type { OpenAPIObject } from '@nestjs/swagger';
import { cloudEventSchema, jsonSchemas, type Schema, TYPES } from '#app/contract';
import { MESSAGES_MAX } from './read-submission.js';

const PREFIX = '#/components/schemas/';
const ref = (name: string): Schema => ({ $ref: PREFIX + name });

function bodies(events: Schema, plain: Schema): object {
  return {
    required: true,
    description:
      'A CloudEvent, a CloudEvents batch, a binary-mode CloudEvent (`ce-` headers and its data as JSON), or plain data: one JSON object or one a line.',
    content: {
      'application/cloudevents+json': { schema: events },
      'application/cloudevents-batch+json': {
        schema: { type: 'array', minItems: 1, maxItems: MESSAGES_MAX, items: events },
      },
      'application/json': { schema: plain },
      'application/x-ndjson': { schema: { type: 'string', description: 'one JSON object a line, in UTF-8' } },
    },
  };
}

/** Messages of one CloudEvents type: the names of their schemas in the document, and the type. */
const EVENTS = [
  ['Report', TYPES.REPORT],
  ['ReportWithdrawn', TYPES.REPORT_WITHDRAWN],
  ['Aggregate', TYPES.AGGREGATE],
  ['AggregateWithdrawn', TYPES.AGGREGATE_WITHDRAWN],
  ['Trend', TYPES.TREND],
  ['TrendWithdrawn', TYPES.TREND_WITHDRAWN],
  ['Site', TYPES.SITE],
  ['SiteWithdrawn', TYPES.SITE_WITHDRAWN],
  ['Decision', TYPES.DECISION],
] as const;

const BODIES: Record<string, readonly string[]> = {
  '/v1/reports': ['Report', 'ReportWithdrawn'],
  '/v1/aggregates': ['Aggregate', 'AggregateWithdrawn'],
  '/v1/trends': ['Trend', 'TrendWithdrawn'],
  '/v1/sites': ['Site', 'SiteWithdrawn'],
  '/v1/decisions': ['Decision'],
};

const anyOf = (schemas: Schema[]): Schema => (schemas.length === 1 && schemas[0] ? schemas[0] : { anyOf: schemas });

/** Adds the bodies and the schemas generated from the DTOs, which are those that messages are validated with. */
export function describeBodies(document: OpenAPIObject): OpenAPIObject {
  const schemas = {
    ...jsonSchemas(PREFIX),
    ...Object.fromEntries(EVENTS.map(([name, type]) => [`${name}Event`, cloudEventSchema(type, ref(`${name}V1`))])),
  };
  const described = structuredClone(document) as OpenAPIObject & { paths: Record<string, { post?: object }> };
  described.components = {
    ...described.components,
    schemas: { ...described.components?.schemas, ...(schemas as object) },
  };
  for (const [path, names] of Object.entries(BODIES)) {
    const events = anyOf(names.map((name) => ref(`${name}Event`)));
    const requestBody = bodies(events, anyOf(names.map((name) => ref(`${name}V1`))));
    const operation = described.paths[path]?.post;
    if (operation !== undefined) Object.assign(operation, { requestBody });
  }
  return described;
}
