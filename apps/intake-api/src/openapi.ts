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

/** Adds the bodies and the schemas generated from the DTOs, which are those that messages are validated with. */
export function describeBodies(document: OpenAPIObject): OpenAPIObject {
  const schemas = {
    ...jsonSchemas(PREFIX),
    ReportEvent: cloudEventSchema(TYPES.REPORT, ref('ReportV1')),
    ReportWithdrawnEvent: cloudEventSchema(TYPES.REPORT_WITHDRAWN, ref('ReportWithdrawnV1')),
    DecisionEvent: cloudEventSchema(TYPES.DECISION, ref('DecisionV1')),
  };
  const reports = bodies(
    { anyOf: [ref('ReportEvent'), ref('ReportWithdrawnEvent')] },
    { anyOf: [ref('ReportV1'), ref('ReportWithdrawnV1')] },
  );
  const decisions = bodies(ref('DecisionEvent'), ref('DecisionV1'));
  const described = structuredClone(document) as OpenAPIObject & { paths: Record<string, { post?: object }> };
  described.components = {
    ...described.components,
    schemas: { ...described.components?.schemas, ...(schemas as object) },
  };
  for (const [path, requestBody] of [
    ['/v1/reports', reports],
    ['/v1/decisions', decisions],
  ] as const) {
    const operation = described.paths[path]?.post;
    if (operation !== undefined) Object.assign(operation, { requestBody });
  }
  return described;
}
