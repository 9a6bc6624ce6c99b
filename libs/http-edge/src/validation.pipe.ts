import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validate, type ValidationError } from 'class-validator';
import { Problem, type ProblemError } from './problem.js';

/** The query of a route that takes no parameters. Declare it, so that a parameter is refused, not ignored. */
export class NoParameters {
  /** Has no rule, so the pipe knows no name at all. */
  declare private readonly nothing: never;
}

const PLAIN: ReadonlySet<unknown> = new Set([String, Number, Boolean, Array, Object, Buffer, undefined]);

/**
 * Parameters and bodies against their DTO: unknown → 400 UNKNOWN_PARAMETER, wrong → 400 INVALID_PARAMETER
 * (INVALID_BODY), with every error named. Nothing unknown ever reaches a handler, `__proto__` and the like included.
 */
@Injectable()
export class EdgeValidationPipe implements PipeTransform {
  async transform(value: unknown, { type, metatype, data }: ArgumentMetadata): Promise<unknown> {
    if (type === 'custom') return value;
    if (type !== 'body') refuseNul(value, data);
    if (PLAIN.has(metatype) || metatype === undefined) return value;
    if (isDeeperThan(DEPTH_MAX, value)) throw new Problem('INVALID_BODY', `more than ${DEPTH_MAX} levels deep`);
    const given = { ...(value as Record<string, unknown> | null | undefined) };
    const unknown = Object.keys(given).filter((name) => !knownNames(metatype).has(name));
    if (unknown.length > 0) throw unknownNames(unknown, type);
    const instance: object = plainToInstance(metatype as new () => object, given, { exposeDefaultValues: true });
    const errors = await validate(instance, { stopAtFirstError: false, forbidUnknownValues: false });
    if (errors.length > 0) throw invalid(errors, given, type);
    return instance;
  }
}

/** No body that is taken here has more than two; what goes much deeper would overflow the stack of whoever walks it. */
const DEPTH_MAX = 32;

function isDeeperThan(max: number, value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > max) return true;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}

const namesByType = new WeakMap<object, ReadonlySet<string>>();

function knownNames(metatype: NonNullable<ArgumentMetadata['metatype']>): ReadonlySet<string> {
  let names = namesByType.get(metatype);
  if (names === undefined) {
    const metadata = getMetadataStorage().getTargetValidationMetadatas(metatype, '', true, false);
    names = new Set(metadata.map(({ propertyName }) => propertyName));
    namesByType.set(metatype, names);
  }
  return names;
}

/** PostgreSQL text holds no NUL, and no name or code does either. */
function refuseNul(value: unknown, name: string | undefined): void {
  const entries: [string, unknown][] =
    typeof value === 'object' && value !== null ? Object.entries(value) : [[name ?? 'parameter', value]];
  for (const [key, item] of entries) {
    if ([item].flat().some((text) => typeof text === 'string' && text.includes('\0'))) {
      throw Problem.invalidParameter(key, 'must not hold a NUL character', 'NUL');
    }
  }
}

function unknownNames(names: readonly string[], type: ArgumentMetadata['type']): Problem {
  const errors = names.map((name) => ({ ...where(name, type), code: 'UNKNOWN', detail: `${name} is not known here` }));
  return new Problem(type === 'body' ? 'INVALID_BODY' : 'UNKNOWN_PARAMETER', `not known here: ${names.join(', ')}`, {
    errors,
  });
}

function invalid(errors: ValidationError[], given: Record<string, unknown>, type: ArgumentMetadata['type']): Problem {
  const flat = flatten(errors, '', type).map((error) =>
    error.parameter !== undefined && Array.isArray(given[error.parameter])
      ? { ...error, detail: `${error.detail} (it was given more than once)` }
      : error,
  );
  return new Problem(
    type === 'body' ? 'INVALID_BODY' : 'INVALID_PARAMETER',
    flat.map(({ detail }) => detail).join('; '),
    { errors: flat },
  );
}

function flatten(errors: ValidationError[], base: string, type: ArgumentMetadata['type']): ProblemError[] {
  return errors.flatMap((error) => {
    const path = `${base}/${error.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const own = Object.entries(error.constraints ?? {}).map(([name, detail]) => ({
      ...where(type === 'body' ? path : error.property, type),
      code: name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase(),
      detail,
    }));
    return [...own, ...flatten(error.children ?? [], path, type)];
  });
}

function where(name: string, type: ArgumentMetadata['type']): Pick<ProblemError, 'parameter' | 'pointer'> {
  if (type !== 'body') return { parameter: name };
  return { pointer: name.startsWith('/') ? name : `/${name}` };
}
