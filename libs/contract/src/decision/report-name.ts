import { ATTRIBUTE_LIMITS } from '../decode/attribute-limits.js';
import { type Finding, isJsonObject, type Rule, WRONG_TYPE } from '../rules/rule.js';
import { lineRule } from '../rules/text.js';

/** How a decision names a report: by its `reportId`, with the CloudEvents source where several sources use it. */
export type NamedReport = string | { source: string; reportId: string };

const MEMBERS: Record<string, Rule> = { source: lineRule(ATTRIBUTE_LIMITS.source), reportId: lineRule(200) };
const reportIdRule = lineRule(200);

function checkMembers(value: Record<string, unknown>): Finding[] {
  const own = Object.entries(MEMBERS).flatMap(([name, rule]): Finding[] =>
    value[name] === undefined
      ? [{ at: `/${name}`, code: 'REQUIRED', detail: 'give a source and its reportId' }]
      : rule.check(value[name]).map((found) => ({ ...found, at: `/${name}` })),
  );
  const strangers = Object.keys(value).some((name) => !Object.hasOwn(MEMBERS, name));
  return strangers ? [...own, { code: 'UNKNOWN_FIELD', detail: 'must have a source and a reportId only' }] : own;
}

export const reportNameRule: Rule = {
  schema: {
    anyOf: [
      reportIdRule.schema,
      {
        type: 'object',
        properties: Object.fromEntries(Object.entries(MEMBERS).map(([name, { schema }]) => [name, schema])),
        required: Object.keys(MEMBERS),
        additionalProperties: false,
      },
    ],
  },
  check: (value) => {
    if (typeof value === 'string') return reportIdRule.check(value);
    return isJsonObject(value) ? checkMembers(value) : [WRONG_TYPE('a reportId or {source, reportId}')];
  },
};
