import type { ConversionPolicy } from '#app/domain';
import { isGiven, isJsonObject, type Finding, type Rule, type Schema, WRONG_TYPE } from '../rules/rule.js';
import { lengthOf, lineRule } from '../rules/text.js';

/** A conversion policy by the number under which it is known, or the whole of a new one. */
export type NamedPolicy = { name: string } | ConversionPolicy;

const VERSION_MAX = 2_147_483_647;
const COUNT_MAX = 2_147_483_647;
/** The explaining engine does not walk larger objects; a leaf holds about as many phrases. */
const PHRASES_MAX = 1000;
const LANGUAGES_MAX = 50;
const NOUNS_MAX = 20_000;

/** Keyword of ours: the second number is null or not below the first. Others may ignore it. */
export const INTERVAL_KEYWORD = 'x-interval';

/** True unless both bounds are numbers and reversed. */
export function isInterval(value: unknown): boolean {
  if (!Array.isArray(value)) return true;
  const [lo, hi] = value as unknown[];
  return typeof lo !== 'number' || typeof hi !== 'number' || lo <= hi;
}

const isCount = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX;
const countSchema: Schema = { type: 'integer', minimum: 0, maximum: COUNT_MAX };

const intervalRule: Rule = {
  schema: {
    type: 'array',
    minItems: 2,
    maxItems: 2,
    prefixItems: [countSchema, { ...countSchema, type: ['integer', 'null'] }],
    [INTERVAL_KEYWORD]: true,
  },
  check: (value) => {
    const isPair = Array.isArray(value) && value.length === 2 && isCount(value[0]);
    const right = isPair && (value[1] === null || isCount(value[1])) && isInterval(value);
    return right ? [] : [{ code: 'INVALID_FORMAT', detail: 'must be [lo, hi] with hi null where it is open' }];
  },
};

/** Members that every object has are no words; the explaining engine refuses them everywhere. */
const RESERVED = Object.getOwnPropertyNames(Object.prototype);
const languageForm = /^[a-z]{2,3}$/u;
const wordRule = lineRule(200);

interface MapOf {
  key: { schema: Schema; right: (name: string) => boolean };
  value: Rule;
  max: number;
}

/** An object used as a map. */
function mapRule({ key, value: item, max }: MapOf): Rule {
  return {
    schema: {
      type: 'object',
      maxProperties: max,
      propertyNames: { allOf: [key.schema, { not: { enum: RESERVED } }] },
      additionalProperties: item.schema,
    },
    check: (value) => {
      if (!isJsonObject(value)) return [WRONG_TYPE('an object')];
      const names = Object.keys(value);
      if (names.length > max) return [{ code: 'TOO_MANY_ITEMS', detail: `must have at most ${max} members` }];
      // The key itself is the sender's text: the finding is about the map.
      const isWrong = names.some((name) => !key.right(name) || RESERVED.includes(name));
      const ofKeys: Finding[] = isWrong ? [{ code: 'INVALID_FORMAT', detail: 'has a member of a wrong form' }] : [];
      return [...ofKeys, ...names.flatMap((name) => item.check(value[name]))];
    },
  };
}

const LANGUAGE = {
  schema: { type: 'string', pattern: languageForm.source },
  right: (name: string) => languageForm.test(name),
};
const PHRASE = { schema: wordRule.schema, right: (name: string) => wordRule.check(name).length === 0 };
const nounsRule: Rule = {
  schema: { type: 'string', maxLength: NOUNS_MAX },
  check: (value) =>
    typeof value === 'string' && lengthOf(value) <= NOUNS_MAX ? [] : [WRONG_TYPE('words separated by spaces')],
};

const MEMBERS: Record<keyof ConversionPolicy, Rule> = {
  version: {
    schema: { type: 'integer', minimum: 1, maximum: VERSION_MAX },
    check: (value) =>
      isCount(value) && value !== 0 ? [] : [{ code: 'OUT_OF_RANGE', detail: 'must be a whole number from 1' }],
  },
  phrases: mapRule({
    key: LANGUAGE,
    value: mapRule({ key: PHRASE, value: intervalRule, max: PHRASES_MAX }),
    max: LANGUAGES_MAX,
  }),
  nouns: mapRule({ key: LANGUAGE, value: nounsRule, max: LANGUAGES_MAX }),
  nounsAlone: intervalRule,
  otherwise: intervalRule,
};

const closed = (members: Record<string, Rule>): Schema => ({
  type: 'object',
  properties: Object.fromEntries(Object.entries(members).map(([name, { schema }]) => [name, schema])),
  required: Object.keys(members),
  additionalProperties: false,
});
const NAMED: Record<string, Rule> = { name: lineRule(64) };

/** `{name}` or a whole policy; both are closed. */
export const policyRule: Rule = {
  schema: { anyOf: [closed(NAMED), closed(MEMBERS)] },
  check: (value) => {
    if (!isJsonObject(value)) return [WRONG_TYPE('{name} or a conversion policy')];
    const members: Record<string, Rule> = 'name' in value ? NAMED : MEMBERS;
    const own = Object.entries(members).flatMap(([name, rule]): Finding[] =>
      isGiven(value[name])
        ? rule.check(value[name]).map((found) => ({ ...found, at: `/${name}` }))
        : [{ at: `/${name}`, code: 'REQUIRED', detail: 'a conversion policy needs it' }],
    );
    const strangers = Object.keys(value).some((name) => !Object.hasOwn(members, name));
    return strangers ? [...own, { code: 'UNKNOWN_FIELD', detail: 'has a member that a policy has not' }] : own;
  },
};
