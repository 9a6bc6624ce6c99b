import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { INTERVAL_KEYWORD, isInterval } from '../decision/policy.js';
import { isOrdered, ORDERED_KEYWORD } from '../rules/across-members.js';
import { isCivilDate, isTimestamp } from '../rules/time.js';
import { TYPES } from '../topics.js';
import { DTO_BY_TYPE, jsonSchemas } from './generate.js';

/**
 * The hot engine: the generated schemas compiled once at start. It stops at the first error, since all it has to give is
 * a verdict; class-validator explains. Formats and the one keyword of ours call the same functions as class-validator.
 */
function compile(): Record<keyof typeof DTO_BY_TYPE, ValidateFunction> {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    formats: { date: isCivilDate, 'date-time': isTimestamp },
    keywords: [
      {
        keyword: ORDERED_KEYWORD,
        type: 'object',
        schemaType: 'array',
        errors: false,
        validate: (names: [string, string], value: unknown) => isOrdered(value, names),
      },
      {
        keyword: INTERVAL_KEYWORD,
        type: 'array',
        schemaType: 'boolean',
        errors: false,
        validate: (_: boolean, value: unknown) => isInterval(value),
      },
    ],
  });
  ajv.addSchema({ $id: 'ledger', $defs: jsonSchemas() });
  const validatorOf = (type: keyof typeof DTO_BY_TYPE): ValidateFunction =>
    ajv.compile({ $ref: `ledger#/$defs/${DTO_BY_TYPE[type].name}` });
  return {
    [TYPES.REPORT]: validatorOf(TYPES.REPORT),
    [TYPES.REPORT_WITHDRAWN]: validatorOf(TYPES.REPORT_WITHDRAWN),
    [TYPES.AGGREGATE]: validatorOf(TYPES.AGGREGATE),
    [TYPES.AGGREGATE_WITHDRAWN]: validatorOf(TYPES.AGGREGATE_WITHDRAWN),
    [TYPES.TREND]: validatorOf(TYPES.TREND),
    [TYPES.TREND_WITHDRAWN]: validatorOf(TYPES.TREND_WITHDRAWN),
    [TYPES.SITE]: validatorOf(TYPES.SITE),
    [TYPES.SITE_WITHDRAWN]: validatorOf(TYPES.SITE_WITHDRAWN),
    [TYPES.DECISION]: validatorOf(TYPES.DECISION),
  };
}

/** Compiled validators by type. */
export const VALIDATORS = compile();
