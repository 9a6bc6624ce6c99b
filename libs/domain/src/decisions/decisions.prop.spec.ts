import fc from 'fast-check';
import { applyToIncident, type IncidentEvent, type IncidentFigures, type Posting, postingsBetween } from '#app/domain';
import { report } from '../../testing/arbitrary-reports.js';
import { type Decided, KnownIncidents } from '../../testing/incidents.js';
import { recorded, withdrawn } from '../../testing/reports.js';

const INCIDENTS = ['one', 'two', 'three', 'four'];
const incident = fc.constantFrom(...INCIDENTS);
const source = (incidentId: string): string => `urn:test:${incidentId}`;

/** A report of an incident, told by the incident's own source; report ids do not meet between incidents. */
const reported = fc.tuple(incident, report).map(([incidentId, fields]) => {
  const id = `${incidentId} ${fields.id}`;
  return {
    incidentId,
    id,
    revision: fields.revision,
    event: recorded({ ...fields, id, source: source(incidentId), ref: incidentId }),
  };
});
type Reported = typeof reported extends fc.Arbitrary<infer T> ? T : never;

/** A revision of a report is recorded once. */
const reports = fc.uniqueArray(reported, { maxLength: 12, selector: ({ id, revision }) => `${id} ${revision}` });

const withdrawal = fc.tuple(incident, fc.constantFrom('a', 'b', 'c', 'd')).map(([incidentId, id]) => ({
  incidentId,
  event: { ...withdrawn(`${incidentId} ${id}`), source: source(incidentId) },
}));

const pair = fc.uniqueArray(incident, { minLength: 2, maxLength: 2 }) as fc.Arbitrary<[string, string]>;
const decision: fc.Arbitrary<Decided> = fc.oneof(
  pair.map(([survivor, absorbed]): Decided => ['IncidentsMerged', { survivor, absorbed: [absorbed] }]),
  fc
    .tuple(pair, incident, fc.constantFrom('a', 'b', 'c', 'd'))
    .map(
      ([[from, into], home, id]): Decided => [
        'IncidentSplit',
        { incident: from, into, ref: null, reports: [{ source: source(home), reportId: `${home} ${id}` }] },
      ],
    ),
  fc
    .tuple(incident, fc.constantFrom('CONFIRMED', 'DISCOUNTED', null))
    .map(([incidentId, grade]): Decided => ['IncidentVerified', { incident: incidentId, grade }]),
  incident.map((incidentId): Decided => ['IncidentRetracted', { incident: incidentId }]),
  incident.map((incidentId): Decided => ['IncidentReinstated', { incident: incidentId }]),
  fc
    .tuple(incident, fc.constantFrom('2018-10-01', '2018-12-31'))
    .map(
      ([incidentId, start]): Decided => [
        'IncidentRedated',
        { incident: incidentId, occurred: { start, end: '2018-12-31', precision: 'DAY' } },
      ],
    ),
  fc
    .tuple(incident, fc.constantFrom('AIR_STRIKE', 'ARMED_CLASH'))
    .map(
      ([incidentId, incidentType]): Decided => [
        'IncidentReclassified',
        { incident: incidentId, classification: { incidentType } },
      ],
    ),
);

/** What a log can hold of four incidents, in any order. */
type Step = { incidentId: string; event: IncidentEvent } | Decided;
const steps: fc.Arbitrary<Step[]> = fc
  .tuple(reports, fc.array(withdrawal, { maxLength: 2 }), fc.array(decision, { maxLength: 6 }))
  .chain(([told, taken, decided]) => {
    const all: Step[] = [...told, ...taken, ...decided];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });

const isDecision = (step: Step): step is Decided => Array.isArray(step);

/** Nobody decides on an incident that nothing was reported of: each had a report, which was withdrawn. */
function reportedOnce(): KnownIncidents {
  const incidents = new KnownIncidents();
  for (const incidentId of INCIDENTS) {
    const told = { id: `${incidentId} first`, source: source(incidentId), ref: incidentId };
    incidents.report(incidentId, recorded(told), { ...withdrawn(told.id), source: told.source });
  }
  return incidents;
}

function after(taken: readonly Step[], incidents = reportedOnce()): KnownIncidents {
  for (const step of taken) {
    if (isDecision(step)) incidents.decide(...step);
    else incidents.report(step.incidentId, step.event);
  }
  return incidents;
}

type Figures = Record<string, IncidentFigures>;

/** What changes between two moments, by cell: every amount of every posting of every incident, summed; zeros left out. */
function diff(before: Figures, later: Figures): Record<string, number> {
  const postings = INCIDENTS.flatMap((incidentId) =>
    postingsBetween(before[incidentId] ?? null, later[incidentId] ?? null, { position: 0, incidentId }),
  );
  return sums(postings);
}

function sums(postings: readonly Posting[], into: Record<string, number> = {}): Record<string, number> {
  for (const { position: _, ...posting } of postings) {
    const cell = Object.values(posting)
      .filter((value) => typeof value === 'string')
      .join('|');
    for (const [column, amount] of Object.entries(posting)) {
      if (typeof amount === 'number' && amount !== 0)
        into[`${cell} ${column}`] = (into[`${cell} ${column}`] ?? 0) + amount;
    }
  }
  return withoutZeros(into);
}

const withoutZeros = (cells: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(cells).filter(([, amount]) => amount !== 0));

function add(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const total = { ...a };
  for (const [cell, amount] of Object.entries(b)) total[cell] = (total[cell] ?? 0) + amount;
  return withoutZeros(total);
}

/** `last`: whose incident it was, when no report says so any more; that depends on what came before, figures do not. */
const figuresOf = (incidents: KnownIncidents): string => JSON.stringify(incidents.all());

describe('decisions on any reports', () => {
  it('give the same figures in whatever order the reports of before arrive', () => {
    const told = fc
      .tuple(reports, fc.array(decision, { maxLength: 6 }))
      .chain(([sent, decided]) =>
        fc.tuple(fc.constant(sent), fc.shuffledSubarray(sent, { minLength: sent.length }), fc.constant(decided)),
      );
    fc.assert(
      fc.property(told, ([sent, arrived, decided]) =>
        expect(figuresOf(after([...arrived, ...decided]))).toBe(figuresOf(after([...sent, ...decided]))),
      ),
      { numRuns: 300 },
    );
  });

  it('on merging and grading give the same figures before and after the reports arrive', () => {
    const given = fc.tuple(
      reports,
      fc.array(
        decision.filter(([type]) => type !== 'IncidentSplit'),
        { maxLength: 6 },
      ),
    );
    fc.assert(
      fc.property(given, ([sent, decided]) =>
        expect(figuresOf(after([...decided, ...sent]))).toBe(figuresOf(after([...sent, ...decided]))),
      ),
      { numRuns: 300 },
    );
  });

  it('that merge and are taken back leave no trace in any figure, whatever arrives in between', () => {
    const given = fc.tuple(
      steps,
      pair,
      reports.map((told) => told.filter(({ id }) => id.endsWith('d'))),
    );
    fc.assert(
      fc.property(given, ([past, [survivor, absorbed], meanwhile]) => {
        const never = after(meanwhile.filter(isNewer(past)), after(past));
        const merged = after(past);
        const merge = merged.decide('IncidentsMerged', { survivor, absorbed: [absorbed] });
        after(meanwhile.filter(isNewer(past)), merged);
        merged.decide('MergeReverted', { merge, survivor, absorbed: [absorbed] });
        expect(merged.all()).toEqual(never.all());
      }),
      { numRuns: 300 },
    );
  });

  it('that split and split back leave no trace in any figure', () => {
    const given = fc.tuple(
      reports,
      fc.array(
        decision.filter(([type]) => type !== 'IncidentSplit'),
        { maxLength: 4 },
      ),
      pair,
      fc.nat(),
    );
    fc.assert(
      fc.property(given, ([told, decided, [from, into], pick]) => {
        const own = told.filter(({ incidentId }) => incidentId === from);
        fc.pre(own.length > 0);
        const { id } = own[pick % own.length] as Reported;
        const incidents = after([...told, ...decided]);
        const before = incidents.all();
        const split = { ref: null, reports: [{ source: source(from), reportId: id }] };
        incidents.decide('IncidentSplit', { incident: from, into, ...split });
        incidents.decide('IncidentSplit', { incident: into, into: from, ...split });
        expect(incidents.all()).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  it('count every active report once, under one incident', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const counted = Object.values(after(taken).all()).reduce((sum, { reports: count }) => sum + count, 0);
        expect(counted).toBe(activeReports(taken));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the postings of any decisions and reports', () => {
  it('add up to the figures', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const incidents = reportedOnce();
        let total: Record<string, number> = {};
        for (const step of taken) {
          const before = incidents.all();
          after([step], incidents);
          total = add(total, diff(before, incidents.all()));
        }
        expect(total).toEqual(diff({}, incidents.all()));
      }),
      { numRuns: 300 },
    );
  });

  it('from a to b and from b to c add up to those from a to c', () => {
    fc.assert(
      fc.property(steps, steps, steps, (first, second, third) => {
        const incidents = after(first);
        const a = incidents.all();
        const b = after(second, incidents).all();
        const c = after(third, incidents).all();
        expect(add(diff(a, b), diff(b, c))).toEqual(diff(a, c));
        expect(add(diff(a, b), diff(b, a))).toEqual({});
      }),
      { numRuns: 300 },
    );
  });
});

/** Two messages with one revision of a report are never both recorded. */
function isNewer(past: readonly Step[]): (told: Reported) => boolean {
  const known = new Set(past.flatMap((step) => (isDecision(step) || !('id' in step) ? [] : [(step as Reported).id])));
  return ({ id }) => !known.has(id);
}

function activeReports(taken: readonly Step[]): number {
  const active = new Map<string, ReturnType<typeof applyToIncident>['opened']>();
  for (const step of taken) {
    if (isDecision(step)) continue;
    const before = active.get(step.incidentId) ?? [];
    const { closed, opened } = applyToIncident(before, step.event);
    active.set(step.incidentId, [...before.filter((state) => !closed.includes(state)), ...opened]);
  }
  return [...active.values()].flat().filter(({ kind }) => kind === 'REPORT').length;
}
