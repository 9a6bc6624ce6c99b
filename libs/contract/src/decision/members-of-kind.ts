import { exactlyOneOf, has, hasNot } from '../rules/across-members.js';
import { type Finding, isGiven, isJsonObject, type Rule } from '../rules/rule.js';

const ERASE_ONLY = ['incident', 'reportId', 'source', 'paths', 'authority'];
const oneTarget = exactlyOneOf('incident', 'reportId', 'rejection');
const kindIs = (...kinds: string[]): { required: string[]; properties: object } => ({
  required: ['kind'],
  properties: { kind: { enum: kinds } },
});
const somePaths = { required: ['paths'], properties: { paths: { type: 'array', minItems: 1 } } };

function ofResolution(value: Record<string, unknown>): Finding[] {
  const missing: Finding[] = isGiven(value['rejection'])
    ? []
    : [{ at: '/rejection', code: 'REQUIRED', detail: 'name the rejection' }];
  return [
    ...missing,
    ...ERASE_ONLY.filter((name) => isGiven(value[name])).map(
      (name): Finding => ({ at: `/${name}`, code: 'NOT_OF_THIS_KIND', detail: 'belongs to ERASE only' }),
    ),
  ];
}

function ofErasure(value: Record<string, unknown>): Finding[] {
  const { authority, paths, rejection, source, reportId } = value;
  const findings = oneTarget.check(value);
  if (!isGiven(authority)) findings.push({ at: '/authority', code: 'REQUIRED', detail: 'by whose authority?' });
  if (!isGiven(rejection) && !(Array.isArray(paths) && paths.length > 0)) {
    findings.push({ at: '/paths', code: 'REQUIRED', detail: 'say what to erase; [""] means everything erasable' });
  }
  if (isGiven(source) && !isGiven(reportId)) {
    findings.push({ at: '/source', code: 'NOT_OF_THIS_KIND', detail: 'is the source of a reportId' });
  }
  return findings;
}

/**
 * Which members go with which kind. An erasure without `paths` is not read as "everything": that would make a
 * forgotten member destroy data. The bytes of a rejection are one unit and need no paths.
 */
export const membersOfKind: Rule = {
  schema: {
    anyOf: [
      { allOf: [kindIs('REQUEUE', 'DISCARD'), has('rejection'), hasNot(...ERASE_ONLY)] },
      {
        allOf: [
          kindIs('ERASE'),
          has('authority'),
          oneTarget.schema,
          { anyOf: [has('rejection'), somePaths] },
          { anyOf: [hasNot('source'), has('reportId')] },
        ],
      },
    ],
  },
  check: (value) => {
    if (!isJsonObject(value)) return [];
    if (value['kind'] === 'ERASE') return ofErasure(value);
    return value['kind'] === 'REQUEUE' || value['kind'] === 'DISCARD' ? ofResolution(value) : [];
  },
};
