import { targetConstructorToSchema } from 'class-validator-jsonschema';
import { DecisionV1 } from '../decision/decision.js';
import { AggregateV1, AggregateWithdrawnV1, CoverageExclusionV1 } from '../official/aggregate.js';
import { AreaCodeV1, AreaValueV1, PeriodV1 } from '../official/period.js';
import { SiteV1, SiteWithdrawnV1 } from '../official/site.js';
import { TrendAreaV1, TrendV1, TrendWithdrawnV1 } from '../official/trend.js';
import { ActorIdV1, ActorV1 } from '../report/actor.js';
import { CasualtyV1, ClaimedValueV1 } from '../report/casualty.js';
import { ClassificationV1, UsedWeaponV1, WeaponV1 } from '../report/classification.js';
import { ConfidentialV1, ExactLocationV1, VictimV1 } from '../report/confidential.js';
import { IncidentReferenceV1 } from '../report/incident-reference.js';
import { DatesV1, OccurredV1 } from '../report/occurred.js';
import { PartyV1, SourceV1 } from '../report/party.js';
import { AdminReferenceV1, PlaceV1 } from '../report/place.js';
import { ReportV1 } from '../report/report.js';
import { ReportWithdrawnV1 } from '../report/report-withdrawn.js';
import { type DtoClass, REF_PREFIX } from '../rules/nesting.js';
import { isJsonObject, type Rule, RULE_NAMES, rulesAcrossMembers, type Schema } from '../rules/rule.js';
import { TYPES } from '../topics.js';

const DTO_CLASSES: readonly DtoClass[] = [
  ReportV1,
  ReportWithdrawnV1,
  AggregateV1,
  AggregateWithdrawnV1,
  CoverageExclusionV1,
  TrendV1,
  TrendWithdrawnV1,
  TrendAreaV1,
  SiteV1,
  SiteWithdrawnV1,
  PeriodV1,
  AreaCodeV1,
  AreaValueV1,
  DecisionV1,
  IncidentReferenceV1,
  SourceV1,
  PartyV1,
  OccurredV1,
  DatesV1,
  PlaceV1,
  AdminReferenceV1,
  ClassificationV1,
  WeaponV1,
  UsedWeaponV1,
  ActorV1,
  ActorIdV1,
  CasualtyV1,
  ClaimedValueV1,
  ConfidentialV1,
  ExactLocationV1,
  VictimV1,
];

/** The DTO class of each type. */
export const DTO_BY_TYPE = {
  [TYPES.REPORT]: ReportV1,
  [TYPES.REPORT_WITHDRAWN]: ReportWithdrawnV1,
  [TYPES.AGGREGATE]: AggregateV1,
  [TYPES.AGGREGATE_WITHDRAWN]: AggregateWithdrawnV1,
  [TYPES.TREND]: TrendV1,
  [TYPES.TREND_WITHDRAWN]: TrendWithdrawnV1,
  [TYPES.SITE]: SiteV1,
  [TYPES.SITE_WITHDRAWN]: SiteWithdrawnV1,
  [TYPES.DECISION]: DecisionV1,
} as const;

/** Our rules bring their own schema, so the generator's patterns (its IsDateString is wrong) are not used. */
const fromRule = (meta: { constraints: unknown[] }): Schema => (meta.constraints[0] as Rule).schema;
const converters = {
  ...Object.fromEntries(RULE_NAMES.map((name) => [name, fromRule])),
  isDefined: {},
  nestedValidation: {},
};

/** An optional member may also be null: publishers write `"archiveUrl": null`, and it means the same as silence. */
function orNull(schema: Schema): Schema {
  if (typeof schema['type'] !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const { enum: values } = schema;
  return { ...schema, type: [schema['type'], 'null'], ...(Array.isArray(values) ? { enum: [...values, null] } : {}) };
}

function schemaOfClass(dto: DtoClass): Schema {
  const raw = targetConstructorToSchema(dto, { additionalConverters: converters }) as unknown as Schema;
  const required = (raw['required'] ?? []) as string[];
  const properties = Object.fromEntries(
    Object.entries(raw['properties'] as Record<string, Schema>).map(([name, schema]) => [
      name,
      required.includes(name) ? schema : orNull(schema),
    ]),
  );
  const across = rulesAcrossMembers(dto).map((rule) => rule.schema);
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
    ...(across.length > 0 ? { allOf: across } : {}),
  };
}

function withPrefix(value: unknown, prefix: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withPrefix(item, prefix));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === '$ref' && typeof item === 'string' ? item.replace(REF_PREFIX, prefix) : withPrefix(item, prefix),
    ]),
  );
}

/**
 * JSON Schemas (draft 2020-12) of every DTO class by its name, generated from the decorators. `refPrefix` is where the
 * reader keeps them, for instance `#/components/schemas/` in OpenAPI.
 */
export function jsonSchemas(refPrefix: string = REF_PREFIX): Record<string, Schema> {
  return Object.fromEntries(DTO_CLASSES.map((dto) => [dto.name, withPrefix(schemaOfClass(dto), refPrefix) as Schema]));
}

/** One self-contained JSON Schema document for the data of a type, as published to publishers. */
export function publishedSchema(type: keyof typeof DTO_BY_TYPE): Schema {
  const root = DTO_BY_TYPE[type].name;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:conflictledger:schema:${type}`,
    title: type,
    $ref: REF_PREFIX + root,
    $defs: jsonSchemas(),
  };
}
