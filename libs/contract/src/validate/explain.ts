import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { pointerToken } from '../json-pointer.js';
import type { Problem } from '../rejection-codes.js';
import { isGiven, isJsonObject, type Rule, rulesAcrossMembers } from '../rules/rule.js';
import type { DtoClass } from '../rules/nesting.js';

/** No array or object of the contract has nearly as many entries; more would only make the explanation slow. */
const ENTRIES_MAX = 1000;
const UNKNOWN_FIELD = { code: 'UNKNOWN_FIELD', detail: 'is not a member of this closed schema' } as const;

/**
 * What the class libraries cannot see or should not walk: members named like those of Object.prototype (`constructor`
 * is dropped by class-transformer, `hasOwnProperty` counts as known to class-validator) and collections without end.
 */
function outsideTheClasses(value: unknown, pointer = ''): Problem[] {
  if (typeof value !== 'object' || value === null) return [];
  const names = Object.keys(value);
  if (names.length > ENTRIES_MAX) {
    return [{ pointer, code: 'TOO_MANY_ITEMS', detail: `must have at most ${ENTRIES_MAX} entries` }];
  }
  return names.flatMap((name) => {
    const at = `${pointer}/${pointerToken(name)}`;
    if (!Array.isArray(value) && name in Object.prototype) return [{ pointer: at, ...UNKNOWN_FIELD }];
    return outsideTheClasses((value as Record<string, unknown>)[name], at);
  });
}

function ofMember(error: ValidationError, pointer: string): Problem[] {
  const constraints = error.constraints ?? {};
  if (constraints['whitelistValidation'] !== undefined) return [{ pointer, ...UNKNOWN_FIELD }];
  if (constraints['isDefined'] !== undefined && !isGiven(error.value)) {
    return [{ pointer, code: 'REQUIRED', detail: 'must be given' }];
  }
  const rules = Object.values(error.contexts ?? {}) as Rule[];
  return rules.flatMap((rule) =>
    rule.check(error.value).map(({ at = '', code, detail }) => ({ pointer: pointer + at, code, detail })),
  );
}

function flatten(errors: readonly ValidationError[], parent: string): Problem[] {
  return errors.flatMap((error) => {
    const pointer = `${parent}/${pointerToken(error.property)}`;
    const own = ofMember(error, pointer);
    // Where the whole has the wrong type, what its parts lack is noise.
    const isWrongWhole = own.some((found) => found.code === 'WRONG_TYPE' && found.pointer === pointer);
    return isWrongWhole ? own : [...own, ...flatten(error.children ?? [], pointer)];
  });
}

/**
 * The explaining engine: every problem of `data` under the decorators of `dto`, none when it is right. About a tenth
 * as fast as the compiled schema, so it sees only messages that the schema refused.
 */
export function explain(dto: DtoClass, data: unknown): Problem[] {
  if (!isJsonObject(data)) return [{ pointer: '', code: 'WRONG_TYPE', detail: 'must be an object' }];
  const outside = outsideTheClasses(data);
  if (outside.length > 0) return outside;
  const errors = validateSync(plainToInstance(dto, data), { whitelist: true, forbidNonWhitelisted: true });
  const across = rulesAcrossMembers(dto).flatMap((rule) =>
    rule.check(data).map(({ at = '', code, detail }) => ({ pointer: at, code, detail })),
  );
  return [...flatten(errors, ''), ...across];
}
