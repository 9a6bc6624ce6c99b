import type { DecisionV1 } from '#app/contract';
import type { DecisionEvent, DecisionKind, Placements } from '#app/domain';
import { incidentIdOf, type RecordedEvent } from '#app/log';
import { DecisionRefused } from './carried-out.js';
import { decideOnIncidents, type OnIncidents } from './decide-on-incidents.js';
import { foldIncidents, pairOf, type StreamEvent } from './fold-incidents.js';
import type { IncidentsAsked, RecordedMerge } from './incidents-asked.js';

const SOURCE = 'urn:p';
const incident = (ref: string): string => incidentIdOf(SOURCE, ref);
const [A, B, C, D] = ['a', 'b', 'c', 'd'].map(incident) as [string, string, string, string];
const MERGE = '0190163d-8694-739b-aea5-966c26f8ad91';
const PLACED: Placements = {
  'iso-3166': { country: 'IQ', admin1: 'IQ-NI', admin2: null, admin3: null, precision: 'ADM1' },
};

type Recorded = Pick<DecisionEvent, 'type' | 'data'> | { type: 'DuplicateRejected'; data: { a: string; b: string } };

function report(stream: string, reportId: string, source = SOURCE): (position: number) => StreamEvent {
  return (position) => ({ kind: 'report', position, stream, source, reportId, withdrawn: false });
}
function event(recorded: Recorded, id = MERGE): (position: number) => StreamEvent {
  const leaf = (position: number): RecordedEvent => ({ ...recorded, id, position }) as unknown as RecordedEvent;
  return (position) => ({ kind: 'decision', position, leaf: leaf(position) });
}

/** Each of the incidents A, B and C has a report of its own; then comes what is given. */
function given(...history: ((position: number) => StreamEvent)[]): IncidentsAsked {
  const first = [report(A, 'a-1'), report(B, 'b-1'), report(C, 'c-1')];
  const standing = foldIncidents([...first, ...history].map((make, position) => make(position)));
  return {
    get: (id) => standing.get(id),
    exists: (id) => (standing.get(id)?.reports.length ?? 0) > 0 || (standing.get(id)?.decisions.length ?? 0) > 0,
    decided: (id: string, kind: DecisionKind) => standing.get(id)?.decisions.find((state) => state.kind === kind),
    isRejected: (a, b) => standing.rejectedPairs.has(pairOf(a, b)),
  };
}

function when(data: Partial<DecisionV1>, known: IncidentsAsked = given(), merge: RecordedMerge | null = null): unknown {
  try {
    const decision = { reason: 'r', by: 's', ...data } as DecisionV1;
    return decideOnIncidents(decision.kind as OnIncidents, decision, known, { merge, place: () => PLACED });
  } catch (error) {
    if (!(error instanceof DecisionRefused)) throw error;
    return [error.code, error.pointer];
  }
}

const merged = (survivor: string, ...absorbed: string[]): Recorded => ({
  type: 'IncidentsMerged',
  data: { survivor, absorbed },
});
const split = (from: string, into: string, reportId: string): Recorded => ({
  type: 'IncidentSplit',
  data: { incident: from, into, ref: null, reports: [{ source: SOURCE, reportId }] },
});

describe('MERGE', () => {
  it('names every incident that it touches, however it is named', () => {
    const absorbed = [{ source: SOURCE, ref: 'b' }, { id: C }];
    expect(when({ kind: 'MERGE', survivor: A, absorbed })).toEqual({
      type: 'IncidentsMerged',
      data: { survivor: A, absorbed: [B, C] },
      streams: [A, B, C],
    });
  });

  it.each<[string, Partial<DecisionV1>, unknown]>([
    ['an unknown incident', { survivor: A, absorbed: [B, D] }, ['DECISION_TARGET_UNKNOWN', '/absorbed/1']],
    ['an unknown survivor', { survivor: D, absorbed: [B] }, ['DECISION_TARGET_UNKNOWN', '/survivor']],
    ['itself', { survivor: A, absorbed: [A] }, ['DECISION_NOT_APPLICABLE', '/absorbed/0']],
    ['one twice', { survivor: A, absorbed: [B, B] }, ['DECISION_NOT_APPLICABLE', '/absorbed/1']],
  ])('refuses %s', (_title, data, expected) => {
    expect(when({ kind: 'MERGE', ...data })).toEqual(expected);
  });

  it('refuses what counts under another incident, as survivor or as absorbed, and takes a root with all it absorbed', () => {
    const known = given(event(merged(A, B)));
    expect(when({ kind: 'MERGE', survivor: B, absorbed: [C] }, known)).toEqual(['DECISION_TARGET_MERGED', '/survivor']);
    expect(when({ kind: 'MERGE', survivor: C, absorbed: [B] }, known)).toEqual([
      'DECISION_TARGET_MERGED',
      '/absorbed/0',
    ]);
    expect(when({ kind: 'MERGE', survivor: C, absorbed: [A] }, known)).toMatchObject({ type: 'IncidentsMerged' });
  });

  it('names the survivor in the detail', () => {
    const known = given(event(merged(A, B)), event(merged(C, A)));
    const work = (): unknown =>
      decideOnIncidents('RETRACT', { kind: 'RETRACT', reason: '', by: '', incident: B }, known, {
        merge: null,
        place: () => PLACED,
      });
    expect(work).toThrow(C);
  });
});

describe('UNMERGE', () => {
  const merge = { survivor: A, absorbed: [B] };

  it('takes back exactly the merge of that event, also when its survivor was absorbed since', () => {
    const reverted = { type: 'MergeReverted', data: { merge: MERGE, ...merge }, streams: [A, B] };
    expect(when({ kind: 'UNMERGE', event: MERGE }, given(event(merged(A, B))), merge)).toEqual(reverted);
    const since = given(event(merged(A, B)), event(merged(C, A), '0190163d-8694-739b-aea5-966c26f8ad92'));
    expect(when({ kind: 'UNMERGE', event: MERGE }, since, merge)).toEqual(reverted);
  });

  it('refuses an event that is no merge, and a merge that was taken back', () => {
    expect(when({ kind: 'UNMERGE', event: MERGE })).toEqual(['DECISION_TARGET_UNKNOWN', '/event']);
    const known = given(event(merged(A, B)), event({ type: 'MergeReverted', data: { merge: MERGE, ...merge } }));
    expect(when({ kind: 'UNMERGE', event: MERGE }, known, merge)).toEqual(['DECISION_NOT_APPLICABLE', '/event']);
  });
});

describe('SPLIT', () => {
  it('moves a report to a new incident, which it makes', () => {
    const into = { source: SOURCE, ref: 'd' };
    expect(when({ kind: 'SPLIT', incident: A, reports: ['a-1'], into })).toEqual({
      type: 'IncidentSplit',
      data: { incident: A, into: D, ref: into, reports: [{ source: SOURCE, reportId: 'a-1' }] },
      streams: [A, D, A, A],
    });
  });

  it('moves a report to an incident that is there, and back', () => {
    expect(when({ kind: 'SPLIT', incident: A, reports: ['a-1'], into: B })).toMatchObject({
      data: { into: B, ref: null },
    });
    const known = given(event(split(A, B, 'a-1')));
    expect(when({ kind: 'SPLIT', incident: B, reports: ['a-1'], into: A }, known)).toMatchObject({
      data: { incident: B, into: A },
      streams: [B, A, B, A],
    });
    expect(when({ kind: 'SPLIT', incident: A, reports: ['a-1'], into: C }, known)).toEqual([
      'DECISION_TARGET_UNKNOWN',
      '/reports/0',
    ]);
  });

  it('finds a report in all that counts together, and names where it was recorded', () => {
    const known = given(event(merged(A, B)));
    expect(when({ kind: 'SPLIT', incident: A, reports: ['b-1'], into: C }, known)).toMatchObject({
      streams: [A, C, B, B],
    });
    expect(when({ kind: 'SPLIT', incident: B, reports: ['a-1'], into: C }, known)).toMatchObject({
      streams: [B, C, A, A],
    });
  });

  it('asks for the source where two sources use an id', () => {
    const known = given(report(A, 'a-1', 'urn:other'));
    const data = { kind: 'SPLIT', incident: A, into: B } as const;
    expect(when({ ...data, reports: ['a-1'] }, known)).toEqual(['DECISION_TARGET_AMBIGUOUS', '/reports/0']);
    expect(when({ ...data, reports: [{ source: 'urn:other', reportId: 'a-1' }] }, known)).toMatchObject({
      data: { reports: [{ source: 'urn:other', reportId: 'a-1' }] },
    });
  });

  it.each<[string, Partial<DecisionV1>, unknown]>([
    ['a report that is not there', { reports: ['b-1'], into: B }, ['DECISION_TARGET_UNKNOWN', '/reports/0']],
    ['a report named twice', { reports: ['a-1', 'a-1'], into: B }, ['DECISION_NOT_APPLICABLE', '/reports/1']],
    ['into itself', { reports: ['a-1'], into: A }, ['DECISION_NOT_APPLICABLE', '/into']],
    ['into an unknown id', { reports: ['a-1'], into: D }, ['DECISION_TARGET_UNKNOWN', '/into']],
  ])('refuses %s', (_title, data, expected) => {
    expect(when({ kind: 'SPLIT', incident: A, ...data })).toEqual(expected);
  });

  it('does not split into an incident that counts under another', () => {
    const known = given(event(merged(B, C)));
    expect(when({ kind: 'SPLIT', incident: A, reports: ['a-1'], into: C }, known)).toEqual([
      'DECISION_TARGET_MERGED',
      '/into',
    ]);
  });
});

describe('decisions on one incident', () => {
  const date = { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' } as const;
  const place = { name: 'Al Qayyarah', country: 'IQ' };

  it.each<[Partial<DecisionV1>, string, object]>([
    [{ kind: 'VERIFY', grade: 'CONFIRMED', grounds: 'g' }, 'IncidentVerified', { grade: 'CONFIRMED' }],
    [
      {
        kind: 'RECLASSIFY',
        incidentType: 'IED_ATTACK',
        weapons: [{ type: 'IED' }],
        classification: null,
        targets: null,
      },
      'IncidentReclassified',
      { classification: { incidentType: 'IED_ATTACK', weapons: [{ type: 'IED' }] } },
    ],
    [{ kind: 'REDATE', occurred: date }, 'IncidentRedated', { occurred: date }],
    [{ kind: 'RELOCATE', place }, 'IncidentRelocated', { place, placements: PLACED }],
    [{ kind: 'RETRACT' }, 'IncidentRetracted', {}],
  ])('%j', (data, type, expected) => {
    expect(when({ incident: A, ...data })).toEqual({ type, data: { incident: A, ...expected }, streams: [A] });
  });

  it.each<[Partial<DecisionV1>, Recorded, object, string]>([
    [
      { kind: 'VERIFY', grade: null, grounds: 'g' },
      { type: 'IncidentVerified', data: { incident: A, grade: 'DISCOUNTED' } },
      { grade: null },
      '/grade',
    ],
    [
      { kind: 'RECLASSIFY', classification: null },
      { type: 'IncidentReclassified', data: { incident: A, classification: { targets: ['MARKET'] } } },
      { classification: null },
      '/classification',
    ],
    [
      { kind: 'REDATE', occurred: null },
      { type: 'IncidentRedated', data: { incident: A, occurred: date } },
      { occurred: null },
      '/occurred',
    ],
    [
      { kind: 'RELOCATE', place: null },
      { type: 'IncidentRelocated', data: { incident: A, place, placements: PLACED } },
      { place: null, placements: null },
      '/place',
    ],
    [{ kind: 'REINSTATE' }, { type: 'IncidentRetracted', data: { incident: A } }, {}, '/incident'],
  ])('%j takes back what stands, and nothing else', (data, before, expected, pointer) => {
    expect(when({ incident: A, ...data }, given(event(before)))).toMatchObject({ data: { incident: A, ...expected } });
    expect(when({ incident: A, ...data })).toEqual(['DECISION_NOT_APPLICABLE', pointer]);
  });

  it('does not retract twice, and can again after it was reinstated', () => {
    const retracted = { type: 'IncidentRetracted', data: { incident: A } } as const;
    const reinstated = { type: 'IncidentReinstated', data: { incident: A } } as const;
    const retract = { kind: 'RETRACT', incident: A } as const;
    expect(when(retract, given(event(retracted)))).toEqual(['DECISION_NOT_APPLICABLE', '/incident']);
    expect(when(retract, given(event(retracted), event(reinstated)))).toMatchObject({ type: 'IncidentRetracted' });
  });

  it('refuses an unknown incident, and one that counts under another', () => {
    expect(when({ kind: 'RETRACT', incident: D })).toEqual(['DECISION_TARGET_UNKNOWN', '/incident']);
    expect(when({ kind: 'RETRACT', incident: B }, given(event(merged(A, B))))).toEqual([
      'DECISION_TARGET_MERGED',
      '/incident',
    ]);
  });
});

describe('REJECT_DUPLICATE', () => {
  it('records a pair in the order of its ids, in the stream of the first-named', () => {
    const [low, high] = A < B ? [A, B] : [B, A];
    expect(when({ kind: 'REJECT_DUPLICATE', a: high, b: low })).toEqual({
      type: 'DuplicateRejected',
      data: { a: low, b: high },
      streams: [high, low],
    });
  });

  it('once for a pair, and for two incidents only', () => {
    const rejected = { type: 'DuplicateRejected', data: { a: A, b: B } } as const;
    const again = { kind: 'REJECT_DUPLICATE', a: B, b: A } as const;
    expect(when(again, given(event(rejected)))).toEqual(['DECISION_NOT_APPLICABLE', '']);
    expect(when({ ...again, a: A })).toEqual(['DECISION_NOT_APPLICABLE', '/b']);
    expect(when(again, given(event(merged(A, B))))).toEqual(['DECISION_TARGET_MERGED', '/a']);
  });
});
