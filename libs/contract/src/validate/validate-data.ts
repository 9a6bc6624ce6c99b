import type { ErrorObject } from 'ajv/dist/2020.js';
import type { Problem } from '../rejection-codes.js';
import { DTO_BY_TYPE } from '../schema/generate.js';
import { VALIDATORS } from '../schema/compile.js';
import { isKnownType } from '../topics.js';
import { explain } from './explain.js';

/** More problems than this help nobody; the first ones are given. */
const PROBLEMS_MAX = 100;

/** For a rule that only the schema knows. Our own words: ajv's messages need not stay free of values. */
function fromSchema(errors: readonly ErrorObject[]): Problem[] {
  return errors.map((error) => ({
    pointer: error.instancePath,
    code: error.keyword === 'additionalProperties' ? 'UNKNOWN_FIELD' : 'SCHEMA_VIOLATED',
    detail: `breaks the rule "${error.keyword}" of the JSON Schema`,
  }));
}

/**
 * Every problem of the data of a message of this CloudEvents type; empty = right. At most 100, pointers relative to the
 * data. The compiled schema gives the verdict; class-validator explains what it refused.
 */
export function validateData(type: string, data: unknown): Problem[] {
  if (!isKnownType(type)) return [{ pointer: '', code: 'TYPE_UNKNOWN', detail: 'type is not one of the contract' }];
  const accepts = VALIDATORS[type];
  if (accepts(data)) return [];
  const refusal = accepts.errors ?? [];
  const explained = explain(DTO_BY_TYPE[type], data);
  return (explained.length > 0 ? explained : fromSchema(refusal)).slice(0, PROBLEMS_MAX);
}
