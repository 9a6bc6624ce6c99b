import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsDefined, IsOptional, ValidateNested } from 'class-validator';
import {
  decorator,
  type Finding,
  isJsonObject,
  type Rule,
  rulesAcrossMembers,
  type Schema,
  WRONG_TYPE,
} from './rule.js';

export type DtoClass = new () => object;

/** `$ref`s are written with this prefix and moved to the reader's own place by the generator. */
export const REF_PREFIX = '#/$defs/';

const reference = (dto: DtoClass): Schema => ({ $ref: REF_PREFIX + dto.name });

function checkObject(dto: DtoClass, value: unknown): Finding[] {
  if (!isJsonObject(value)) return [WRONG_TYPE('an object')];
  return rulesAcrossMembers(dto).flatMap((rule) => rule.check(value));
}

/** A member that must be there. */
export const Required = (): PropertyDecorator => IsDefined();
/** A member that may be missing or null, which mean the same. */
export const Optional = (): PropertyDecorator => IsOptional();

/** An object of another DTO class. */
export function Nested(dto: DtoClass): PropertyDecorator {
  const rule: Rule = { schema: reference(dto), check: (value) => checkObject(dto, value) };
  return (target, property) => {
    Type(() => dto)(target, property);
    ValidateNested()(target, property);
    decorator(rule, 'ledgerObject')(target, property);
  };
}

/** An array whose items are each under one rule. */
export function listRule(item: Rule, limits: { min: number; max: number }): Rule {
  const { min, max } = limits;
  return {
    schema: { type: 'array', ...(min > 0 ? { minItems: min } : {}), maxItems: max, items: item.schema },
    check: (value) => {
      if (!Array.isArray(value)) return [WRONG_TYPE('an array')];
      if (value.length > max) return [{ code: 'TOO_MANY_ITEMS', detail: `must have at most ${max} items` }];
      if (value.length < min) return [{ code: 'TOO_FEW_ITEMS', detail: `must have at least ${min} item(s)` }];
      return value.flatMap((entry, index) =>
        item.check(entry).map((found) => ({ ...found, at: `/${index}${found.at ?? ''}` })),
      );
    },
  };
}

/** An array of strings or numbers, each under one rule. */
export const ListOf = (item: Rule, max: number, min = 0): PropertyDecorator => decorator(listRule(item, { min, max }));

/** An array of objects of another DTO class. */
export function ListOfNested(dto: DtoClass, max: number, min = 0): PropertyDecorator {
  const item: Rule = { schema: reference(dto), check: (value) => checkObject(dto, value) };
  return (target, property) => {
    Type(() => dto)(target, property);
    ValidateNested({ each: true })(target, property);
    decorator(listRule(item, { min, max }), 'ledgerObject')(target, property);
  };
}
