import type { DecisionV1 } from '#app/contract';
import { DecisionRefused } from './carried-out.js';
import { reclassify, redate, reinstate, relocate, retract, verify } from './decide-on-one.js';
import { decideSplit } from './decide-split.js';
import { type Decided, decided, idOf, notApplicable } from './decided.js';
import { type Beside, type IncidentsAsked, type RecordedMerge, refuseMerged } from './incidents-asked.js';

/** Kinds that decide on incidents. */
const ON_INCIDENTS = [
  'MERGE',
  'UNMERGE',
  'SPLIT',
  'VERIFY',
  'RECLASSIFY',
  'REDATE',
  'RELOCATE',
  'RETRACT',
  'REINSTATE',
  'REJECT_DUPLICATE',
] as const;
export type OnIncidents = (typeof ON_INCIDENTS)[number];

export function isOnIncidents(kind: DecisionV1['kind']): kind is OnIncidents {
  return (ON_INCIDENTS as readonly string[]).includes(kind);
}

/** The ids that a decision names, each at its pointer. */
export function namedIncidents(data: DecisionV1, takenBack: RecordedMerge | null): { at: string; id: string }[] {
  const { survivor, absorbed, incident, into, a, b } = data;
  const single = { survivor, incident, into, a, b };
  return [
    ...Object.entries(single).flatMap(([name, value]) => (value == null ? [] : [{ at: `/${name}`, id: idOf(value) }])),
    ...(absorbed ?? []).map((value, index) => ({ at: `/absorbed/${index}`, id: idOf(value) })),
    ...(takenBack === null ? [] : [takenBack.survivor, ...takenBack.absorbed]).map((id) => ({ at: '/event', id })),
  ];
}

/**
 * What a decision on incidents becomes. Pure.
 * @throws DecisionRefused when an incident is unknown or counts under another, or the decision would change nothing
 */
export function decideOnIncidents(kind: OnIncidents, data: DecisionV1, known: IncidentsAsked, beside: Beside): Decided {
  for (const { at, id } of namedIncidents(data, null)) {
    // `into` of a split may be made by it.
    if (at !== '/into' && !known.exists(id)) refuseUnknown(at);
  }
  return DECIDE[kind](data, known, beside);
}

function merge({ survivor, absorbed }: DecisionV1, known: IncidentsAsked): Decided {
  const into = idOf(survivor ?? '');
  refuseMerged(known, into, '/survivor');
  const ids: string[] = [];
  for (const [index, name] of (absorbed ?? []).entries()) {
    const id = idOf(name);
    const at = `/absorbed/${index}`;
    if (id === into || ids.includes(id)) notApplicable(at, 'is named twice');
    refuseMerged(known, id, at);
    ids.push(id);
  }
  return decided('IncidentsMerged', { survivor: into, absorbed: ids }, into, ...ids);
}

function unmerge({ event }: DecisionV1, known: IncidentsAsked, { merge: found }: Beside): Decided {
  if (found === null) throw new DecisionRefused('DECISION_TARGET_UNKNOWN', '/event', 'no merge has this event id');
  const { survivor, absorbed } = found;
  const stands = absorbed.some((id) => known.decided(id, 'MERGED_INTO')?.eventId === event);
  if (!stands) notApplicable('/event', 'this merge was taken back before');
  return decided('MergeReverted', { merge: event ?? '', survivor, absorbed }, survivor, ...absorbed);
}

function rejectDuplicate({ a, b }: DecisionV1, known: IncidentsAsked): Decided {
  const first = idOf(a ?? '');
  const second = idOf(b ?? '');
  if (first === second) notApplicable('/b', 'is the same incident');
  refuseMerged(known, first, '/a');
  refuseMerged(known, second, '/b');
  if (known.isRejected(first, second)) notApplicable('', 'this pair was rejected before');
  const pair = first < second ? { a: first, b: second } : { a: second, b: first };
  return decided('DuplicateRejected', pair, first, second);
}

const DECIDE: Record<OnIncidents, (data: DecisionV1, known: IncidentsAsked, beside: Beside) => Decided> = {
  MERGE: merge,
  UNMERGE: unmerge,
  SPLIT: decideSplit,
  VERIFY: verify,
  RECLASSIFY: reclassify,
  REDATE: redate,
  RELOCATE: relocate,
  RETRACT: retract,
  REINSTATE: reinstate,
  REJECT_DUPLICATE: rejectDuplicate,
};

function refuseUnknown(pointer: string): never {
  throw new DecisionRefused('DECISION_TARGET_UNKNOWN', pointer, 'no such incident');
}
