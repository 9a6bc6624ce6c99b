import { decorator, type Rule, WRONG_TYPE } from './rule.js';

/** PostgreSQL's integer; no toll comes near it, and sums of many stay exact. */
const COUNT_MAX = 2_147_483_647;

const range = (value: number, min: number, max: number): ReturnType<Rule['check']> =>
  value >= min && value <= max ? [] : [{ code: 'OUT_OF_RANGE', detail: `must be from ${min} to ${max}` }];

/** A whole number from `min` to `max`. */
const integerRule = (min: number, max: number): Rule => ({
  schema: { type: 'integer', minimum: min, maximum: max },
  check: (value) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return [WRONG_TYPE('a whole number')];
    if (!Number.isInteger(value)) return [{ code: 'NOT_INTEGER', detail: 'must be a whole number' }];
    return range(value, min, max);
  },
});
export const Integer = (min: number, max = COUNT_MAX): PropertyDecorator => decorator(integerRule(min, max));

/** A number of people. Negative counts and fractions are what no source can mean (domain rule 11). */
export const Count = (): PropertyDecorator => Integer(0);

/** Degrees (WGS 84) from -`limit` to `limit`. */
export const Degrees = (limit: 90 | 180): PropertyDecorator =>
  decorator({
    schema: { type: 'number', minimum: -limit, maximum: limit },
    check: (value) =>
      typeof value === 'number' && Number.isFinite(value) ? range(value, -limit, limit) : [WRONG_TYPE('a number')],
  });

/** How much, in whatever unit its metric has; any finite number. */
export const Magnitude = (): PropertyDecorator =>
  decorator({
    schema: { type: 'number' },
    check: (value) => (typeof value === 'number' && Number.isFinite(value) ? [] : [WRONG_TYPE('a number')]),
  });
