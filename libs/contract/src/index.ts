export { asyncApiDocument } from './async-api/async-api-document.js';
export { ATTRIBUTE_LIMITS } from './decode/attribute-limits.js';
export { type CloudEvent, URI_PATTERN } from './decode/cloud-event.js';
export { type ContentKind, contentKind } from './decode/content-type.js';
export {
  type Decoded,
  decodeMessage,
  decodeStructured,
  type RawMessage,
  type ReadableMessage,
  type UnreadableMessage,
} from './decode/decode-message.js';
export type { MessageHeaders } from './decode/headers.js';
export { MESSAGE_BYTES_MAX, parseStrictJson, type StrictJson } from './decode/strict-json.js';
export { DecisionV1 } from './decision/decision.js';
export { DECISION_KINDS, type DecisionKind, STEWARD_GRADES } from './decision/decision-kinds.js';
export { type IncidentName, readIncidentName } from './decision/incident-name.js';
export type { FigureDigestsV1 } from './decision/figure-digests.js';
export { eventSourceOf, eventTypeOf } from './events-out/event-names.js';
export type { NamedPolicy } from './decision/policy.js';
export type { NamedReport } from './decision/report-name.js';
export { AggregateV1, AggregateWithdrawnV1 } from './official/aggregate.js';
export { SiteV1, SiteWithdrawnV1 } from './official/site.js';
export { TrendV1, TrendWithdrawnV1 } from './official/trend.js';
export { type Problem, REJECTION_CODES, type RejectionCode, rejectionCodeOf } from './rejection-codes.js';
export { publicPointer } from './public-pointer.js';
export { ReportV1 } from './report/report.js';
export { ReportWithdrawnV1 } from './report/report-withdrawn.js';
export type { Schema } from './rules/rule.js';
export { cloudEventSchema } from './schema/cloud-event-schema.js';
export { jsonSchemas, publishedSchema } from './schema/generate.js';
export {
  isUnderOneOf,
  ownReportsTopics,
  parseTopicSources,
  sourceAllowedOn,
  type TopicSources,
} from './topic-sources.js';
export {
  isKnownType,
  isReportsTopic,
  type MessageType,
  TOPICS,
  TYPES,
  typeAllowedOn,
} from './topics.js';
export { validateData } from './validate/validate-data.js';
