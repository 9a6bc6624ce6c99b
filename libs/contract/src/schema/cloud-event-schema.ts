import { ATTRIBUTE_LIMITS } from '../decode/attribute-limits.js';
import { EXTENSION_NAME_PATTERN, URI_PATTERN } from '../decode/cloud-event.js';
import type { Schema } from '../rules/rule.js';
import { LINE_PATTERN } from '../rules/text.js';
import { timestampRule } from '../rules/time.js';
import { type MessageType } from '../topics.js';

const text = (max: number, pattern: string): Schema => ({ type: 'string', minLength: 1, maxLength: max, pattern });
const orNull = (schema: Schema): Schema => ({ ...schema, type: ['string', 'null'] });

/** JSON Schema of a structured CloudEvent of one type around its data, as `decodeStructured` takes it. */
export function cloudEventSchema(type: MessageType, data: Schema): Schema {
  const { id, source, subject, extension } = ATTRIBUTE_LIMITS;
  return {
    type: 'object',
    description: 'CloudEvents 1.0, JSON format; extension attributes are allowed',
    required: ['specversion', 'id', 'source', 'type', 'data'],
    properties: {
      specversion: { const: '1.0' },
      id: text(id, LINE_PATTERN),
      source: text(source, URI_PATTERN),
      type: { const: type },
      time: orNull(timestampRule.schema),
      subject: orNull(text(subject, LINE_PATTERN)),
      dataschema: orNull(text(extension, URI_PATTERN)),
      datacontenttype: { type: ['string', 'null'], pattern: '^application/([a-z0-9.-]+\\+)?json$' },
      data,
    },
    propertyNames: { pattern: EXTENSION_NAME_PATTERN },
    additionalProperties: { type: ['string', 'integer', 'boolean', 'null'], maxLength: extension },
  };
}
