import { isGiven, isJsonObject, type Rule, type Schema } from './rule.js';
import { isCivilDate } from './time.js';

/** Schema of an object that has this member, not null. */
export const has = (member: string): Schema => ({
  required: [member],
  properties: { [member]: { not: { type: 'null' } } },
});
/** Schema of an object that does not have this member, or has it as null. */
export const hasNot = (...members: string[]): Schema => ({
  properties: Object.fromEntries(members.map((member) => [member, { type: 'null' }])),
});
const member = (value: unknown, name: string): unknown => (isJsonObject(value) ? value[name] : undefined);

/** Of these members exactly one is given. */
export function exactlyOneOf(...names: string[]): Rule {
  return {
    schema: {
      anyOf: names.map((name) => ({ allOf: [has(name), hasNot(...names.filter((other) => other !== name))] })),
    },
    check: (value) =>
      names.filter((name) => isGiven(member(value, name))).length === 1
        ? []
        : [{ code: 'EXACTLY_ONE_REQUIRED', detail: `give exactly one of ${names.join(', ')}` }],
  };
}

/** Latitude and longitude both or neither. */
export const pointComplete: Rule = {
  schema: {
    anyOf: [{ allOf: [has('latitude'), has('longitude')] }, hasNot('latitude', 'longitude')],
  },
  check: (value) =>
    isGiven(member(value, 'latitude')) === isGiven(member(value, 'longitude'))
      ? []
      : [{ code: 'POINT_INCOMPLETE', detail: 'give latitude and longitude both or not at all' }],
};

/** Keyword of ours: the date in the first member is not after that in the second. Others may ignore it. */
export const ORDERED_KEYWORD = 'x-ordered';

/** True unless both members are civil dates, which sort as text, and the second lies before the first. */
export function isOrdered(value: unknown, [first, second]: readonly [string, string]): boolean {
  const from = member(value, first);
  const to = member(value, second);
  if (typeof from !== 'string' || typeof to !== 'string' || from <= to) return true;
  return !isCivilDate(from) || !isCivilDate(to);
}

export const startNotAfterEnd: Rule = {
  schema: { [ORDERED_KEYWORD]: ['start', 'end'] },
  check: (value) =>
    isOrdered(value, ['start', 'end'])
      ? []
      : [{ at: '/end', code: 'DATES_REVERSED', detail: 'must not lie before the start' }],
};
