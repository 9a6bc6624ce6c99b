import fc from 'fast-check';
import {
  applyToIncident,
  conversionPolicy1,
  foldIncident,
  type IncidentEvent,
  type IncidentFigures,
  type Posting,
  postingsBetween,
  type ReportState,
} from '#app/domain';
import { recorded, withdrawn } from '../../testing/reports.js';

const placement = fc.record({
  country: fc.constantFrom('IQ', 'SY', null),
  admin1: fc.constantFrom('IQ-NI', 'IQ-KI', null),
  admin2: fc.constantFrom('x', null),
  admin3: fc.constant(null),
  precision: fc.constant('ADM2' as const),
});
const value = fc.oneof(
  fc.record({
    qualifier: fc.constant('BETWEEN' as const),
    lo: fc.nat(9),
    hi: fc.option(fc.nat(9)),
    point: fc.option(fc.nat(9)),
  }),
  fc.record({ qualifier: fc.constantFrom('UNKNOWN' as const, 'NONE_REPORTED' as const) }),
);
const report = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c'),
    revision: fc.integer({ min: 1, max: 5 }),
    by: fc.constantFrom('A', 'B', 'C'),
    start: fc.constantFrom('2018-10-31', '2018-11-01', '2018-11-08'),
    end: fc.constant('2018-11-08'),
    precision: fc.constantFrom('DAY', 'DAY', 'MONTH', 'YEAR'),
    type: fc.constantFrom('IED_ATTACK', 'ARMED_CLASH'),
    flags: fc.subarray(['INTERVAL_INCONSISTENT'] as const).map((flags) => [...flags]),
    casualties: fc.array(
      fc.record({
        measure: fc.constantFrom('KILLED', 'INJURED'),
        status: fc.constantFrom('CIVILIAN', 'UNKNOWN', null),
        value,
      } as const),
      { maxLength: 4 },
    ),
    placements: fc.record({ 'iso-3166': placement, other: placement }, { requiredKeys: ['iso-3166'] }),
  } as const)
  .map(({ placements, ...given }) => {
    const event = recorded(given);
    if (event.type === 'ReportRecorded') event.data.placements = placements;
    return event;
  });
const sequence = fc.array(
  fc.oneof({ arbitrary: report, weight: 9 }, { arbitrary: fc.constantFrom('a', 'b').map(withdrawn), weight: 1 }),
  {
    maxLength: 14,
  },
);

const AMOUNTS = [
  ...['dIncidents', 'dLo', 'dHi', 'dOpen', 'dUnknown', 'dConservative', 'dMedian', 'dMax', 'dLatest', 'dValued'],
  ...['dBest', 'dBestValued'],
] as (keyof Posting)[];
const CELL = [
  ...['publisher', 'boundary', 'country', 'admin1', 'admin2', 'month', 'startDate', 'incidentType', 'verification'],
  ...['measure', 'part'],
] as (keyof Posting)[];

type Balances = Map<string, number[]>;

function addTo(balances: Balances, postings: readonly Posting[]): void {
  for (const posting of postings) {
    const key = CELL.map((column) => posting[column]).join('|');
    const sums = balances.get(key) ?? AMOUNTS.map(() => 0);
    balances.set(
      key,
      sums.map((sum, index) => sum + (posting[AMOUNTS[index] as keyof Posting] as number)),
    );
  }
}

function nonZero(balances: Balances): [string, number[]][] {
  return [...balances].filter(([, sums]) => sums.some((sum) => sum !== 0)).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Written from the meaning of the columns, apart from the product's own. */
function expectedBalances(figures: IncidentFigures | null): Balances {
  const balances: Balances = new Map();
  for (const [boundary, { country, admin1, admin2 }] of Object.entries(figures?.placements ?? {})) {
    if (!figures) continue;
    const { publisher, start, incidentType, verification } = figures;
    const place = [publisher, boundary, country ?? '', admin1 ?? '', admin2 ?? '', `${start.slice(0, 7)}-01`, start];
    const prefix = [...place, incidentType, verification].join('|');
    const counted = [1, ...Array.from({ length: 11 }, () => 0)];
    balances.set(`${prefix}|INCIDENT|TOTAL`, counted);
    if (figures.timePrecision === 'YEAR') balances.set(`${prefix}|DATED_TO_YEAR|TOTAL`, counted);
    for (const flag of figures.flags) balances.set(`${prefix}|FLAG|${flag}`, counted);
    for (const { measure, part, lo, hi, unknown, points } of figures.figures) {
      const { conservative, median, max, latest, best } = points;
      const numbers = [1, lo, hi ?? 0, hi === null ? 1 : 0, unknown ? 1 : 0];
      const values = [conservative ?? 0, median ?? 0, max ?? 0, latest ?? 0, max === null ? 0 : 1];
      balances.set(`${prefix}|${measure}|${part}`, [...numbers, ...values, best ?? 0, best === null ? 0 : 1]);
    }
  }
  return balances;
}

describe('the journal of any sequence of events', () => {
  it('sums to the figures of the fold after every event, and posts no zero rows', () => {
    fc.assert(
      fc.property(sequence, (events: IncidentEvent[]) => {
        let active: ReportState[] = [];
        let before: IncidentFigures | null = null;
        const balances: Balances = new Map();
        for (const event of events) {
          const { closed, opened } = applyToIncident(active, event);
          active = [...active.filter((state) => !closed.includes(state)), ...opened];
          const after: IncidentFigures | null = foldIncident(active, conversionPolicy1);
          const postings = postingsBetween(before, after, { position: event.position, incidentId: 'i' });
          expect(postings.filter((posting) => AMOUNTS.every((column) => posting[column] === 0))).toEqual([]);
          addTo(balances, postings);
          expect(JSON.stringify(nonZero(balances))).toBe(JSON.stringify(nonZero(expectedBalances(after))));
          before = after;
        }
      }),
      { numRuns: 300 },
    );
  });
});
