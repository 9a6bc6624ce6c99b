import { ValidateBy } from 'class-validator';
import type { RejectionCode } from '../rejection-codes.js';

/** A JSON Schema (draft 2020-12) or a part of one. */
export type Schema = { [keyword: string]: unknown };

/** What a rule finds wrong. `at` is a JSON Pointer relative to the checked value; absent = the value itself. */
export interface Finding {
  at?: string;
  code: RejectionCode;
  detail: string;
}

/**
 * One rule for one value, said twice side by side: as the JSON Schema that ajv compiles and publishers read, and as the
 * check with which class-validator explains. A property test holds the two to the same verdict.
 */
export interface Rule {
  schema: Schema;
  check(value: unknown): Finding[];
}

/** Names under which rules are registered with class-validator; the schema generator has a converter for each. */
export const RULE_NAMES = ['ledgerRule', 'ledgerObject'] as const;

/** Makes a class-validator property decorator of a rule. The rule travels as its constraint and as its context. */
export function decorator(rule: Rule, name: (typeof RULE_NAMES)[number] = 'ledgerRule'): PropertyDecorator {
  return ValidateBy(
    {
      name,
      constraints: [rule],
      validator: {
        validate: (value: unknown) => rule.check(value).length === 0,
        defaultMessage: () => 'is refused',
      },
    },
    { context: rule },
  );
}

const classRules = new WeakMap<object, Rule[]>();

/** A rule about several members of one object (class decorator). Its schema joins the `allOf` of the class. */
export function AcrossMembers(rule: Rule): ClassDecorator {
  return (target) => {
    classRules.set(target, [...(classRules.get(target) ?? []), rule]);
  };
}

/** The rules across members of a DTO class, in no particular order. */
export function rulesAcrossMembers(target: object): readonly Rule[] {
  return classRules.get(target) ?? [];
}

/** True for a JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True when a member is given: neither missing nor null. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export const WRONG_TYPE = (expected: string): Finding => ({ code: 'WRONG_TYPE', detail: `must be ${expected}` });
