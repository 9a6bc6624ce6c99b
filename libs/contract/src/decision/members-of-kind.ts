import { exactlyOneOf, has, hasNot } from '../rules/across-members.js';
import { type Finding, isGiven, isJsonObject, type Rule } from '../rules/rule.js';
import { DECISION_KINDS, type DecisionKind } from './decision-kinds.js';

/** Members that only some kinds have; `kind`, `reason`, `by` and `expect` belong to all. */
const OF_SOME = [
  'survivor',
  'absorbed',
  'event',
  'incident',
  'reports',
  'into',
  'grade',
  'grounds',
  'incidentType',
  'weapons',
  'targets',
  'perpetrators',
  'classification',
  'occurred',
  'place',
  'a',
  'b',
  'name',
  'digests',
  'policy',
  'rejection',
  'reportId',
  'source',
  'paths',
  'authority',
] as const;
export type MemberOfSome = (typeof OF_SOME)[number];

interface Members {
  /** Given and not null. */
  required: readonly MemberOfSome[];
  /** Given, though null says something: a member forgotten must not undo a decision. */
  present?: readonly MemberOfSome[];
  optional?: readonly MemberOfSome[];
  rules?: readonly Rule[];
}

const CLASSES = ['incidentType', 'weapons', 'targets', 'perpetrators'] as const;

/** At least one of the attributes, or `classification: null`: the claims decide again. */
const oneClass: Rule = {
  schema: {
    anyOf: [
      { anyOf: CLASSES.map((name) => has(name)) },
      { required: ['classification'], ...hasNot('classification', ...CLASSES) },
    ],
  },
  check: (value) => {
    if (!isJsonObject(value)) return [];
    const isReset = value['classification'] === null;
    return isReset || CLASSES.some((name) => isGiven(value[name]))
      ? []
      : [{ code: 'REQUIRED', detail: `give one of ${CLASSES.join(', ')}, or "classification": null` }];
  },
};

/** Begins with a letter, so that a name is never read as a position or a date. */
const SNAPSHOT_NAME = '^[a-z][a-z0-9-]{1,62}$';
const snapshotForm = new RegExp(SNAPSHOT_NAME, 'u');
const snapshotName: Rule = {
  schema: { properties: { name: { type: ['string', 'null'], pattern: SNAPSHOT_NAME } } },
  check: (value) => {
    const name = isJsonObject(value) ? value['name'] : undefined;
    return typeof name !== 'string' || snapshotForm.test(name)
      ? []
      : [{ at: '/name', code: 'INVALID_FORMAT', detail: 'must be 2 to 63 of a-z, 0-9 and -, a letter first' }];
  },
};

const oneTarget = exactlyOneOf('incident', 'reportId', 'rejection', 'event');
/**
 * An erasure without `paths` is not read as "everything": that would make a forgotten member destroy data. The bytes of
 * a rejection are one unit and need no paths.
 */
const somePaths: Rule = {
  schema: {
    anyOf: [has('rejection'), { required: ['paths'], properties: { paths: { type: 'array', minItems: 1 } } }],
  },
  check: (value) => {
    if (!isJsonObject(value) || isGiven(value['rejection'])) return [];
    const { paths } = value;
    return Array.isArray(paths) && paths.length > 0
      ? []
      : [{ at: '/paths', code: 'REQUIRED', detail: 'say what to erase; [""] means everything erasable' }];
  },
};
const sourceOfReport: Rule = {
  schema: { anyOf: [hasNot('source'), has('reportId')] },
  check: (value) =>
    isJsonObject(value) && isGiven(value['source']) && !isGiven(value['reportId'])
      ? [{ at: '/source', code: 'NOT_OF_THIS_KIND', detail: 'is the source of a reportId' }]
      : [],
};

const MEMBERS: Record<DecisionKind, Members> = {
  MERGE: { required: ['survivor', 'absorbed'] },
  UNMERGE: { required: ['event'] },
  SPLIT: { required: ['incident', 'reports', 'into'] },
  VERIFY: { required: ['incident', 'grounds'], present: ['grade'] },
  RECLASSIFY: { required: ['incident'], optional: CLASSES, rules: [oneClass] },
  REDATE: { required: ['incident'], present: ['occurred'] },
  RELOCATE: { required: ['incident'], present: ['place'] },
  RETRACT: { required: ['incident'] },
  REINSTATE: { required: ['incident'] },
  REJECT_DUPLICATE: { required: ['a', 'b'] },
  SEAL_SNAPSHOT: { required: ['name'], optional: ['digests'], rules: [snapshotName] },
  ACTIVATE_POLICY: { required: ['policy'] },
  ACTIVATE_BOUNDARY_SET: { required: ['name'] },
  REQUEUE: { required: ['rejection'] },
  DISCARD: { required: ['rejection'] },
  ERASE: {
    required: ['authority'],
    optional: ['incident', 'reportId', 'rejection', 'event', 'source', 'paths'],
    rules: [oneTarget, somePaths, sourceOfReport],
  },
};

function strangersOf({ required, present = [], optional = [] }: Members): string[] {
  const own: ReadonlySet<string> = new Set([...required, ...present, ...optional]);
  return OF_SOME.filter((name) => !own.has(name));
}

function schemaOf(kind: DecisionKind): object {
  const members = MEMBERS[kind];
  return {
    allOf: [
      { required: ['kind', ...(members.present ?? [])], properties: { kind: { const: kind } } },
      ...members.required.map((name) => has(name)),
      hasNot(...strangersOf(members)),
      ...(members.rules ?? []).map(({ schema }) => schema),
    ],
  };
}

function findingsOf(value: Record<string, unknown>, members: Members): Finding[] {
  const missing = [
    ...members.required.filter((name) => !isGiven(value[name])),
    ...(members.present ?? []).filter((name) => value[name] === undefined),
  ];
  return [
    ...missing.map((name): Finding => ({ at: `/${name}`, code: 'REQUIRED', detail: 'this kind needs it' })),
    ...strangersOf(members)
      .filter((name) => isGiven(value[name]))
      .map((name): Finding => ({ at: `/${name}`, code: 'NOT_OF_THIS_KIND', detail: 'belongs to other kinds' })),
    ...(members.rules ?? []).flatMap((rule) => rule.check(value)),
  ];
}

/** Which members go with which kind. */
export const membersOfKind: Rule = {
  schema: { anyOf: DECISION_KINDS.map(schemaOf) },
  check: (value) => {
    if (!isJsonObject(value)) return [];
    const { kind } = value;
    return typeof kind === 'string' && Object.hasOwn(MEMBERS, kind)
      ? findingsOf(value, MEMBERS[kind as DecisionKind])
      : [];
  },
};
