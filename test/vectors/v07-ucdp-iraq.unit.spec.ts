import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import {
  type CasualtyClaim,
  checkReport,
  conversionPolicy1,
  foldIncident,
  type Posting,
  postingsBetween,
  type PublicReport,
  type ReportRecordedData,
  type ReportState,
  type VictimStatus,
} from '#app/domain';
import { BOUNDARY_SET, placeReport } from '#app/geography';
import { sharedDataPath } from '../support/shared-data.js';

/** V7 at the level of the fold: the figures of UCDP's Iraq file, each row one report of one incident. */
const file = sharedDataPath('ucdp', 'conflict_data_irq.csv');
const check = existsSync(file) ? describe : describe.skip;
if (!existsSync(file)) process.stderr.write(`skipped: V7, because ${file} is not there\n`);

type Row = Record<string, string>;
const STATUSES: [column: string, status: VictimStatus, side: string][] = [
  ['deaths_a', 'ARMED_FORCES_MEMBER', 'A'],
  ['deaths_b', 'DIRECT_PARTICIPANT', 'B'],
  ['deaths_civilians', 'CIVILIAN', 'CIVILIAN'],
  ['deaths_unknown', 'UNKNOWN', 'UNKNOWN'],
];

function reportOf(row: Row): PublicReport {
  const number = (column: string) => Number(row[column]);
  const casualties: CasualtyClaim[] = [
    {
      measure: 'KILLED',
      value: { qualifier: 'BETWEEN', lo: number('low'), hi: number('high'), point: number('best') },
    },
    ...STATUSES.map(([column, status, side]): CasualtyClaim => {
      const deaths = number(column);
      return { measure: 'KILLED', status, side, value: { qualifier: 'EXACT', lo: deaths, hi: deaths, point: deaths } };
    }),
  ];
  return {
    reportId: row['id'] as string,
    revision: 1,
    incident: { ref: row['id'] },
    publishedAt: '2019-06-01T00:00:00Z',
    source: { name: 'UCDP', kind: 'OTHER_DATASET' },
    occurred: { start: row['date_start'] as string, end: row['date_end'] as string, precision: 'DAY' },
    place: {
      country: row['country'],
      admin: row['adm_1'] ? [{ name: row['adm_1'], authority: 'UCDP', level: 1 }] : [],
      precision: Number(row['where_prec']) <= 4 ? 'ADM1' : 'SUPRA_ADM1',
    },
    classification: { incidentType: 'ARMED_CLASH' },
    casualties,
  };
}

function postingsOf(row: Row, position: number): Posting[] {
  const report = reportOf(row);
  const body: ReportRecordedData = {
    report,
    disposition: 'APPLIED',
    placements: { [BOUNDARY_SET]: placeReport(report.place) },
    flags: checkReport(report),
  };
  const state: ReportState = {
    kind: 'REPORT',
    source: 'https://ucdp.uu.se/',
    reportId: report.reportId,
    revision: 1,
    position,
    eventId: `e${position}`,
    publishedAt: report.publishedAt,
    body,
  };
  return postingsBetween(null, foldIncident([state], conversionPolicy1), { position, incidentId: report.reportId });
}

check('V7: UCDP Iraq 1989–2018', () => {
  const rows: Row[] = existsSync(file)
    ? parse<Row>(readFileSync(file), { columns: true }).filter((row: Row) => row['id'] !== '')
    : [];
  const journal = rows.flatMap(postingsOf);
  const sum = (postings: Posting[], column: 'dIncidents' | 'dLo' | 'dHi' | 'dBest') =>
    postings.reduce((total, posting) => total + posting[column], 0);
  const of = (measure: string, part: string) => journal.filter((row) => row.measure === measure && row.part === part);

  it('has 7,473 incidents and 120,631 deaths by the publisher’s own estimate', () => {
    expect(sum(of('INCIDENT', 'TOTAL'), 'dIncidents')).toBe(7473);
    expect(sum(of('KILLED', 'TOTAL'), 'dBest')).toBe(120_631);
  });

  it('has 27 incidents in October 2018, low/best/high 134/135/139', () => {
    const october = of('KILLED', 'TOTAL').filter(({ month }) => month === '2018-10-01');
    const figures = (['dIncidents', 'dLo', 'dBest', 'dHi'] as const).map((column) => sum(october, column));
    expect(figures).toEqual([27, 134, 135, 139]);
  });

  it('flags 69 rows and alters none', () => {
    expect(sum(of('FLAG', 'INTERVAL_INCONSISTENT'), 'dIncidents')).toBe(69);
    const given = (column: string) => rows.reduce((total, row) => total + Number(row[column]), 0);
    expect(sum(of('KILLED', 'TOTAL'), 'dLo')).toBe(given('low'));
    expect(sum(of('KILLED', 'TOTAL'), 'dHi')).toBe(given('high'));
    expect(sum(of('KILLED', 'CIVILIAN'), 'dBest')).toBe(given('deaths_civilians'));
  });

  it('places every row that names a governorate finely enough, and no other', () => {
    const placed = of('INCIDENT', 'TOTAL').filter(({ admin1 }) => admin1 !== '').length;
    const named = rows.filter((row) => row['adm_1'] && Number(row['where_prec']) <= 4).length;
    expect(placed).toBe(named);
    expect(of('INCIDENT', 'TOTAL').filter(({ country }) => country !== 'IQ')).toEqual([]);
  });
});
