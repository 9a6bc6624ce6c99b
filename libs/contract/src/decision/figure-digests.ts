import { type Finding, isJsonObject, type Rule, type Schema, WRONG_TYPE } from '../rules/rule.js';

/** The digests of the figures at the position of a snapshot, as the projector sends them (docs/snapshots.md). */
export interface FigureDigestsV1 {
  /** The position that the snapshot names. */
  position: number;
  /** Version of the projection that made the figures. */
  projection: number;
  algorithm: string;
  /** By table: SHA-256, hex. */
  tables: Record<string, string>;
}

const TABLES_MAX = 50;
const PROJECTION_MAX = 2_147_483_647;

const integer = (minimum: number, maximum: number): Rule => ({
  schema: { type: 'integer', minimum, maximum },
  check: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum
      ? []
      : [{ code: 'OUT_OF_RANGE', detail: `must be a whole number from ${minimum} to ${maximum}` }],
});

const shaped = (pattern: string, detail: string): Rule => {
  const form = new RegExp(pattern, 'u');
  return {
    schema: { type: 'string', pattern },
    check: (value) => (typeof value === 'string' && form.test(value) ? [] : [{ code: 'INVALID_FORMAT', detail }]),
  };
};

/** Every object has a member of this name, which the explaining engine refuses everywhere. */
const tableName = shaped('^(?!constructor$)[a-z][a-z_]{0,39}$', 'must be the name of a table');
const digest = shaped('^[0-9a-f]{64}$', 'must be a SHA-256 in hex, in lower case');

const tables: Rule = {
  schema: {
    type: 'object',
    minProperties: 1,
    maxProperties: TABLES_MAX,
    propertyNames: tableName.schema,
    additionalProperties: digest.schema,
  },
  check: (value) => {
    if (!isJsonObject(value)) return [WRONG_TYPE('an object')];
    const names = Object.keys(value);
    if (names.length === 0) return [{ code: 'TOO_FEW_ITEMS', detail: 'must have at least one table' }];
    if (names.length > TABLES_MAX)
      return [{ code: 'TOO_MANY_ITEMS', detail: `must have at most ${TABLES_MAX} tables` }];
    // The key itself is the sender's text: the finding is about the map.
    return names.flatMap((name) => [...tableName.check(name), ...digest.check(value[name])]);
  },
};

const MEMBERS: Record<keyof FigureDigestsV1, Rule> = {
  position: integer(0, Number.MAX_SAFE_INTEGER),
  projection: integer(1, PROJECTION_MAX),
  algorithm: shaped('^[a-z][a-z0-9-]{0,62}$', 'must name an algorithm'),
  tables,
};

const schema: Schema = {
  type: 'object',
  properties: Object.fromEntries(Object.entries(MEMBERS).map(([name, rule]) => [name, rule.schema])),
  required: Object.keys(MEMBERS),
  additionalProperties: false,
};

export const figureDigestsRule: Rule = {
  schema,
  check: (value) => {
    if (!isJsonObject(value)) return [WRONG_TYPE('an object')];
    const findings = Object.entries(MEMBERS).flatMap(([name, rule]): Finding[] =>
      value[name] === undefined
        ? [{ at: `/${name}`, code: 'REQUIRED', detail: 'digests need it' }]
        : rule.check(value[name]).map((found) => ({ ...found, at: `/${name}${found.at ?? ''}` })),
    );
    const strangers = Object.keys(value).some((name) => !Object.hasOwn(MEMBERS, name));
    return strangers
      ? [...findings, { code: 'UNKNOWN_FIELD', detail: `must have ${Object.keys(MEMBERS).join(', ')} only` }]
      : findings;
  },
};
