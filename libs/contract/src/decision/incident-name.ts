import { isJsonObject, type Rule, type Schema, WRONG_TYPE } from '../rules/rule.js';
import { lineRule, uuidRule } from '../rules/text.js';
import { ATTRIBUTE_LIMITS } from '../decode/attribute-limits.js';

/** How a decision names an incident: by ledger id (a bare UUID or `{id}`), or by the CloudEvents source and its ref. */
export type IncidentName = string | { id: string } | { source: string; ref: string };

const sourceRule = lineRule(ATTRIBUTE_LIMITS.source);
const refRule = lineRule(200);
const closed = (properties: Record<string, Schema>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

function checkMembers(value: Record<string, unknown>): ReturnType<Rule['check']> {
  const rules: Record<string, Rule> = 'id' in value ? { id: uuidRule } : { source: sourceRule, ref: refRule };
  const own = Object.entries(rules).flatMap(([name, rule]) =>
    value[name] === undefined
      ? [{ at: `/${name}`, code: 'REQUIRED' as const, detail: 'give an id, or a source and its ref' }]
      : rule.check(value[name]).map((found) => ({ ...found, at: `/${name}` })),
  );
  const strangers = Object.keys(value).some((name) => !Object.hasOwn(rules, name));
  return strangers
    ? [...own, { code: 'UNKNOWN_FIELD', detail: 'must have an id, or a source and its ref, and nothing else' }]
    : own;
}

export const incidentNameRule: Rule = {
  schema: {
    anyOf: [
      uuidRule.schema,
      closed({ id: uuidRule.schema }),
      closed({ source: sourceRule.schema, ref: refRule.schema }),
    ],
  },
  check: (value) => {
    if (typeof value === 'string') return uuidRule.check(value);
    return isJsonObject(value) ? checkMembers(value) : [WRONG_TYPE('a UUID, {id} or {source, ref}')];
  },
};

/** The two meanings of the three spellings. */
export function readIncidentName(name: IncidentName): { id: string } | { source: string; ref: string } {
  return typeof name === 'string' ? { id: name } : name;
}
