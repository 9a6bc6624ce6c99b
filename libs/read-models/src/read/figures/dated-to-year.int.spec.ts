import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DATED_TO_YEAR, type IncidentType, type Verification } from '#app/domain';
import type { PreparedEvent } from '#app/log';
import { DataSource, type EntityManager, type Logger } from 'typeorm';
import { IncidentStory, startProjection, type TestProjection } from '../../../../../test/support/incident-story.js';
import { projectAll } from '../../../../../test/support/project-all.js';
import { type AsOf, resolveAsOf } from '../as-of/as-of.js';
import { EVERY_INCIDENT, type IncidentFilter } from '../incidents/incident-filter.js';
import { Publication } from '../publication/publication.js';
import type { Dimension } from './dimension.js';
import { type FigureRequest, readCellsBetween, readFigureCells } from './figure-cells.js';
import type { FigureSource } from './figure-source.js';

jest.setTimeout(120_000);

const [FIRST, SECOND] = ['2018-11-09T06:00:00Z', '2018-11-20T06:00:00Z'];

let projection: TestProjection;
let source: DataSource;
let head: number;
/** Statements since it was last emptied. */
const statements: string[] = [];

beforeAll(async () => {
  projection = await startProjection();
  await projection.log.append(storyOf(new IncidentStory(projection.log)));
  head = (await projectAll(projection.pool)).position;
  source = await new DataSource({
    type: 'postgres',
    url: projection.log.url,
    logging: ['query'],
    logger: { logQuery: (text: string) => statements.push(text) } as unknown as Logger,
    extra: { options: '-c role=ledger_query -c default_transaction_isolation=repeatable\\ read' },
  }).initialize();
});
afterAll(async () => {
  await source?.destroy();
  await projection?.close();
});

/** Incidents that come to be dated to a year and to be dated otherwise in every way there is, one step an event. */
function storyOf(story: IncidentStory): PreparedEvent[] {
  const report = (incident: number, more: Partial<Parameters<IncidentStory['report']>[0]> = {}) =>
    story.report({ incident, reportId: `${incident}`, publishedAt: FIRST, casualties: KILLED, ...more });
  const on = (incident: number) => ({ on: [story.id(incident)] });
  const redated = (incident: number, [start, end, precision]: [string, string, 'DAY' | 'MONTH' | 'YEAR']) =>
    story.decision(
      'IncidentRedated',
      { incident: story.id(incident), occurred: { start, end, precision } },
      on(incident),
    );
  const retracted = (incident: number) =>
    story.decision('IncidentRetracted', { incident: story.id(incident) }, on(incident));
  return [
    report(1),
    report(2, { country: 'SY' }),
    report(3, { incidentType: 'AIR_STRIKE' }),
    report(4, { publishedAt: SECOND }),
    redated(1, YEAR),
    redated(2, YEAR),
    redated(3, YEAR),
    redated(4, YEAR),
    // On the same day, so that its cell stays; and back.
    redated(1, ['2018-01-01', '2018-01-01', 'DAY']),
    redated(1, YEAR),
    redated(1, ['2018-01-01', '2018-01-31', 'MONTH']),
    redated(1, ['2017-01-01', '2017-12-31', 'YEAR']),
    retracted(2),
    story.decision('IncidentReinstated', { incident: story.id(2) }, on(2)),
    // A second report, published later, that leaves the date and changes the toll and the verification.
    report(3, { incidentType: 'AIR_STRIKE', reportId: 'second', outlet: 'Another', publishedAt: SECOND }),
    story.decision('IncidentRedated', { incident: story.id(3), occurred: null }, on(3)),
    redated(3, YEAR),
    retracted(3),
    story.withdrawal(4, '4'),
  ];
}

const YEAR: [string, string, 'YEAR'] = ['2018-01-01', '2018-12-31', 'YEAR'];
const KILLED = [
  { measure: 'KILLED' as const, status: 'CIVILIAN' as const, value: { qualifier: 'EXACT' as const, lo: 2, hi: 2 } },
];

const FILTER: IncidentFilter = { ...EVERY_INCIDENT, boundary: 'iso-3166' };
const MONTHLY: readonly Dimension[] = ['month'];

const read = <T>(work: (tx: EntityManager) => Promise<T>): Promise<T> => source.transaction(work);

async function asOf(tx: EntityManager, position: number): Promise<AsOf> {
  const found = await resolveAsOf(tx, { kind: 'position', position });
  if (found.kind !== 'found') throw new Error(found.kind);
  return found.asOf;
}

interface Asked {
  at: number;
  filter?: Partial<IncidentFilter>;
  dimensions?: readonly Dimension[];
  from?: FigureSource;
}

/** Month → how many of its incidents, and how many of these dated only to a year. */
type Months = Record<string, [incidents: number, yearOnly: number]>;

function months({ at, filter, dimensions = MONTHLY, from }: Asked): Promise<Months> {
  const request: FigureRequest = { filter: { ...FILTER, ...filter }, dimensions, estimator: null };
  return read(async (tx) => {
    const sums: Months = {};
    for (const cell of (await readFigureCells(tx, await asOf(tx, at), request, from)) ?? []) {
      if (cell.measure !== 'INCIDENT') continue;
      const sum = (sums[cell.period as string] ??= [0, 0]);
      sum[0] += cell.incidents;
      sum[1] += cell.yearOnly;
    }
    return sums;
  });
}

/** The same from the versions alone. */
async function fromVersions(at: number, where = 'true'): Promise<Months> {
  const { rows } = await projection.pool.query<{ month: string; incidents: number; years: number }>(
    `SELECT date_trunc('month', start_date::timestamp)::date::text AS month, count(*)::int AS incidents,
            (count(*) FILTER (WHERE time_precision = 'YEAR'))::int AS years
       FROM read_model.incident_version
      WHERE from_position <= $1 AND (to_position IS NULL OR to_position > $1) AND status = 'ACTIVE'
        AND verification <> ALL('{DISCOUNTED,RETRACTED}') AND ${where} GROUP BY 1`,
    [at],
  );
  return Object.fromEntries(rows.map(({ month, incidents, years }) => [month, [incidents, years]]));
}

const narrowed: readonly [string, Partial<IncidentFilter>, string][] = [
  ['no filter', {}, 'true'],
  ['a country', { regions: [{ level: 'country', code: 'SY' }] }, `placements LIKE '%"country":"SY"%'`],
  ['a type', { incidentTypes: ['AIR_STRIKE' satisfies IncidentType] }, `incident_type = 'AIR_STRIKE'`],
  ['a verification', { verifications: ['SINGLE_SOURCE' satisfies Verification] }, `verification = 'SINGLE_SOURCE'`],
  ['a measure', { measures: ['INJURED'] }, 'true'],
  ['a status', { statuses: ['CIVILIAN'] }, 'true'],
  ['two statuses', { statuses: ['CIVILIAN', 'UNKNOWN'] }, 'true'],
  ['half a month', { from: '2018-01-01', to: '2018-11-15' }, `start_date BETWEEN '2018-01-01' AND '2018-11-15'`],
];

describe('what is dated only to a year', () => {
  it.each(narrowed)('is what the versions tell, with %s, at every position', async (_, filter, where) => {
    let dated = 0;
    for (let at = 4; at <= head; at += 1) {
      const expected = await fromVersions(at, where);
      expect([at, await months({ at, filter })]).toEqual([at, expected]);
      expect([at, await months({ at, filter, from: 'postings' })]).toEqual([at, expected]);
      for (const [, years] of Object.values(expected)) dated += years;
    }
    expect(dated).toBeGreaterThan(0);
  });

  it('is the same now from balances, and as of before from balances less what was posted later', async () => {
    expect(await months({ at: head, from: 'balances' })).toEqual(await fromVersions(head));
    for (let at = 4; at < head; at += 1) {
      expect([at, await months({ at, from: 'balances less later postings' })]).toEqual([at, await fromVersions(at)]);
    }
  });

  it('is of what had been published by a moment, where later reports are left out', async () => {
    const until = (date: string): Promise<Months> =>
      read(async (tx) => {
        const at = await asOf(tx, 11);
        const publication = await Publication.read(tx, at, new Date(date));
        const request: FigureRequest = { filter: FILTER, dimensions: MONTHLY, estimator: null, publication };
        const cells = ((await readFigureCells(tx, at, request)) ?? []).filter(({ measure }) => measure === 'INCIDENT');
        const sum = (of: (cell: (typeof cells)[number]) => number): number =>
          cells.reduce((total, cell) => total + of(cell), 0);
        return { all: [sum(({ incidents }) => incidents), sum(({ yearOnly }) => yearOnly)] };
      });
    expect(await until('2018-11-30T00:00:00Z')).toEqual({ all: [4, 4] });
    expect(await until('2018-11-10T00:00:00Z')).toEqual({ all: [3, 3] });
  });

  it.each([[[]], [['year']], [['incidentType']], [['status']], [['region:admin2']]] as Dimension[][][])(
    'adds nothing to figures by %j: neither incidents nor cells of its own',
    async (dimensions) => {
      for (let at = 4; at <= head; at += 1) {
        const request: FigureRequest = { filter: FILTER, dimensions, estimator: 'max' };
        const cells = await read(async (tx) => (await readFigureCells(tx, await asOf(tx, at), request)) ?? []);
        const ofIncidents = cells.filter(({ measure }) => measure === 'INCIDENT');
        const standing = Object.values(await fromVersions(at)).reduce((sum, [incidents]) => sum + incidents, 0);
        expect([at, ofIncidents.reduce((sum, { incidents }) => sum + incidents, 0)]).toEqual([at, standing]);
        expect(cells.filter(({ measure, yearOnly }) => measure === DATED_TO_YEAR || yearOnly !== 0)).toEqual([]);
        expect(cells.filter(({ incidents }) => incidents === 0)).toEqual([]);
      }
    },
  );

  it.each([
    ['balances', 0, []],
    ['balances less later postings', 1, []],
    ['postings', 0, []],
    ['postings', 1, ['CIVILIAN', 'UNKNOWN']],
  ] as const)(
    'does not count for the limit of cells, from %s %i before the head, with statuses %j',
    async (from, before, statuses) => {
      await read(async (tx) => {
        const pinned = await asOf(tx, head - before);
        const asked: FigureRequest = { filter: { ...FILTER, statuses }, dimensions: MONTHLY, estimator: null };
        const expected = await readFigureCells(tx, pinned, asked, 'postings and versions');
        const limited = (cellsMax: number) => readFigureCells(tx, pinned, { ...asked, cellsMax }, from);
        expect(expected?.some(({ yearOnly }) => yearOnly > 0)).toBe(true);
        expect(new Set(await limited(expected?.length ?? 0))).toEqual(new Set(expected));
        expect(await limited((expected?.length ?? 0) - 1)).toBeNull();
      });
    },
  );

  it('adds nothing to the figures at the two ends of a range', async () => {
    for (let from = 4; from < head; from += 1) {
      await read(async (tx) => {
        const [first, last] = [await asOf(tx, from), await asOf(tx, head)];
        const request: FigureRequest = { filter: FILTER, dimensions: [], estimator: null };
        const { before, after } = await readCellsBetween(tx, { from: first, to: last }, request);
        expect(new Set(before)).toEqual(new Set(await readFigureCells(tx, first, request, 'postings and versions')));
        expect(new Set(after)).toEqual(new Set(await readFigureCells(tx, last, request, 'postings and versions')));
      });
    }
  });
});

describe('figures by month', () => {
  it.each([
    ['now', () => head],
    ['as of a past position', () => head - 8],
  ])('%s are read without a look at versions', async (_, at) => {
    const pinned = await read((tx) => asOf(tx, at()));
    for (const [, filter] of narrowed) {
      statements.length = 0;
      const request: FigureRequest = { filter: { ...FILTER, ...filter }, dimensions: MONTHLY, estimator: null };
      await read((tx) => readFigureCells(tx, pinned, request));
      const figures = statements.filter((text) => text.includes('read_model.'));
      expect(figures.length).toBeGreaterThan(0);
      expect(figures.filter((text) => text.includes('incident_version'))).toEqual([]);
    }
  });
});
