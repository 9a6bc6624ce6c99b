import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ESTIMATORS, MEASURES, PROJECTION_VERSION, TARGETS, VICTIM_STATUSES, WEAPON_TYPES } from '#app/domain';
import { DataSource, type EntityManager } from 'typeorm';
import { randomOf, startProjection, type TestProjection } from '../../../../../test/support/incident-story.js';
import { projectAll } from '../../../../../test/support/project-all.js';
import { MOSUL_EYE, UCDP, VariedStory } from '../../../../../test/support/varied-story.js';
import type { AsOf } from '../as-of/as-of.js';
import { type Dimension, DIMENSIONS, periodOf } from './dimension.js';
import { CellSums } from './counted-figures.js';
import { type FigureRequest, readFigureCells } from './figure-cells.js';
import { chooseSource, type FigureSource } from './figure-source.js';
import type { FigureCell } from './figure-cell.js';
import { GroupSums } from './figures.js';
import { EVERY_INCIDENT, type IncidentFilter } from '../incidents/incident-filter.js';
import { countIncidents, type IncidentKey, readIncidentPage } from '../incidents/incident-list.js';
import type { IncidentState } from '../incidents/incident-row.js';
import { periodStart } from './period-key.js';
import { parseAsOf, resolveAsOf } from '../as-of/as-of.js';

jest.setTimeout(120_000);

let projection: TestProjection;
let source: DataSource;
let head: number;
const random = randomOf(42);

beforeAll(async () => {
  projection = await startProjection();
  const story = new VariedStory(projection.log, random);
  for (let batch = 0; batch < 12; batch += 1) {
    await projection.log.append(story.events(1 + random(40)));
    if (random(2) === 0) await projectAll(projection.pool);
  }
  head = (await projectAll(projection.pool)).position;
  source = await new DataSource({
    type: 'postgres',
    url: projection.log.url,
    extra: {
      options:
        '-c role=ledger_query -c default_transaction_isolation=repeatable\\ read -c default_transaction_read_only=on',
    },
  }).initialize();
});
afterAll(async () => {
  await source?.destroy();
  await projection?.close();
});

const read = <T>(work: (tx: EntityManager) => Promise<T>): Promise<T> => source.transaction(work);

const NO_FILTER: IncidentFilter = { ...EVERY_INCIDENT, boundary: 'iso-3166' };

const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
const some = <T>(list: readonly T[]): T[] =>
  random(3) === 0 ? [pick(list), pick(list)] : random(3) === 0 ? [pick(list)] : [];

function simpleFilter(): IncidentFilter {
  return {
    ...NO_FILTER,
    regions: pick([
      [],
      [],
      [{ level: 'country' as const, code: 'IQ' }],
      [{ level: 'admin1' as const, code: 'IQ-NI' }],
      [
        { level: 'admin1' as const, code: 'IQ-KI' },
        { level: 'country' as const, code: 'SY' },
      ],
    ]),
    from: pick([null, '2018-02-01', '2018-10-01']),
    to: pick([null, '2018-10-31', '2018-12-31', '2019-01-31']),
    measures: some(MEASURES),
    incidentTypes: some(['IED_ATTACK', 'AIR_STRIKE'] as const),
    publishers: some([UCDP, MOSUL_EYE]),
    verifications: some(['REPORTED', 'SINGLE_SOURCE', 'CORROBORATED'] as const),
  };
}

function hardFilter(): IncidentFilter {
  return {
    ...simpleFilter(),
    from: pick([null, '2018-02-01', '2018-10-14']),
    to: pick([null, '2018-10-30', '2018-12-31']),
    dateRule: pick(['start', 'end', 'overlap'] as const),
    statuses: pick([[], ['CIVILIAN'] as const, ['CIVILIAN', 'UNKNOWN'] as const]),
    roles: random(4) === 0 ? ['COMMUNITY_LEADER'] : [],
    weapons: random(4) === 0 ? [pick(WEAPON_TYPES), pick(WEAPON_TYPES), 'VBIED'] : [],
    targets: random(4) === 0 ? [pick(TARGETS), 'POWER_GRID'] : [],
    actors: random(4) === 0 ? [pick(['islamic', 'IRAQ', '50%_\\ "'])] : [],
  };
}

function dimensions(allowed: readonly Dimension[]): Dimension[] {
  const period = pick([undefined, 'day', 'week', 'month', 'year'] as const);
  const region = pick([undefined, 'region:country', 'region:admin1', 'region:admin2'] as const);
  const others = (['incidentType', 'weapon', 'status', 'publisher', 'verification'] as const).filter(
    () => random(5) === 0,
  );
  return [period, region, ...others].filter((name) => name !== undefined && allowed.includes(name)) as Dimension[];
}

async function asOf(position: number): Promise<AsOf> {
  const result = await read((tx) => resolveAsOf(tx, { kind: 'position', position }));
  if (result.kind !== 'found') throw new Error(result.kind);
  return result.asOf;
}

const sortCells = (cells: FigureCell[] | null): string[] =>
  (cells ?? []).map((cell) => JSON.stringify({ ...cell, admin1Only: 0 })).toSorted();

const cellsFrom = async (request: FigureRequest, at: AsOf, from: FigureSource): Promise<string[]> =>
  sortCells(await read((tx) => readFigureCells(tx, at, request, from)));

const COARSE: readonly Dimension[] = DIMENSIONS.filter(
  (name) => !['day', 'week', 'weapon', 'region:admin2'].includes(name),
);

describe('figures', () => {
  it('are the same from balances, from postings, and from postings joined with versions', async () => {
    const at = await asOf(head);
    let compared = 0;
    for (let round = 0; round < 80; round += 1) {
      const estimator = pick([null, ...ESTIMATORS]);
      const filter = { ...simpleFilter(), statuses: pick([[], ['CIVILIAN'] as const]) };
      const request: FigureRequest = { filter, dimensions: dimensions(COARSE), estimator };
      expect(chooseSource(request, at)).toBe('balances');
      const balances = await cellsFrom(request, at, 'balances');
      expect(await cellsFrom(request, at, 'postings')).toEqual(balances);
      expect(await cellsFrom(request, at, 'postings and versions')).toEqual(balances);
      compared += balances.length;
    }
    expect(compared).toBeGreaterThan(500);
  });

  it('are the same as of past positions from postings, versions, and balances less later postings', async () => {
    let compared = 0;
    for (let round = 0; round < 80; round += 1) {
      const at = await asOf(4 + random(head - 4));
      const filter = { ...simpleFilter(), statuses: pick([[], ['CIVILIAN'], ['CIVILIAN', 'UNKNOWN']] as const) };
      const request: FigureRequest = { filter, dimensions: dimensions(COARSE), estimator: pick([null, ...ESTIMATORS]) };
      const postings = await cellsFrom(request, at, 'postings');
      expect(await cellsFrom(request, at, 'postings and versions')).toEqual(postings);
      expect(chooseSource(request, at)).toBe('postings');
      const hasBalances = filter.statuses.length < 2 || request.dimensions.includes('status');
      expect(chooseSource(request, at, at.position)).toBe(hasBalances ? 'balances less later postings' : 'postings');
      expect(chooseSource(request, at, at.position * 2)).toBe('postings');
      if (!hasBalances) continue;
      expect(await cellsFrom(request, at, 'balances less later postings')).toEqual(postings);
      compared += postings.length;
    }
    expect(compared).toBeGreaterThan(300);
  });

  it('of all time and of single months come to the same, whoever adds them up', async () => {
    const at = await asOf(head);
    for (let round = 0; round < 20; round += 1) {
      const filter = { ...simpleFilter(), from: null, to: null };
      const request: FigureRequest = { filter, dimensions: ['region:admin1'], estimator: pick(ESTIMATORS) };
      const months = await read((tx) =>
        readFigureCells(tx, at, { ...request, dimensions: ['region:admin1', 'month'] }),
      );
      const sums = new CellSums();
      for (const cell of months ?? []) sums.add({ ...cell, period: null, yearOnly: 0 });
      expect(await cellsFrom(request, at, 'balances')).toEqual(sortCells(sums.cells()));
    }
  });

  it('equal the sums over the incidents that the list shows, for any filter, at any position', async () => {
    let incidents = 0;
    for (let round = 0; round < 120; round += 1) {
      const at = await asOf(random(2) === 0 ? head : 4 + random(head - 4));
      const filter = hardFilter();
      const grouping = dimensions(DIMENSIONS).filter((name) => name !== 'status');
      const estimator = pick(ESTIMATORS);
      const cells = await read((tx) => readFigureCells(tx, at, { filter, dimensions: grouping, estimator }));
      // measures and statuses choose figures, not incidents: the list is asked without them.
      const { rows } = await read((tx) =>
        readIncidentPage(
          tx,
          at,
          {
            filter: { ...filter, measures: [], statuses: [] },
            bbox: null,
            near: null,
            changedSince: null,
            sort: 'start',
          },
          { limit: 10_000, after: null },
        ),
      );
      const expected = sumByHand(rows, filter, grouping, estimator);
      expect(groupCells(cells ?? [], grouping, filter)).toEqual(expected);
      incidents += rows.length;
    }
    expect(incidents).toBeGreaterThan(400);
  });

  it('count with onlySpeaking exactly the incidents that the list has for the same measures and statuses', async () => {
    for (let round = 0; round < 40; round += 1) {
      const at = await asOf(head);
      const filter = { ...hardFilter(), measures: [pick(MEASURES)], statuses: some(VICTIM_STATUSES) };
      const request: FigureRequest = {
        filter,
        dimensions: [],
        estimator: null,
        onlySpeaking: true,
        onlyIncidents: true,
      };
      const cells = await read((tx) => readFigureCells(tx, at, request));
      const { total } = await read((tx) =>
        countIncidents(tx, at, { filter, bbox: null, near: null, changedSince: null, sort: 'start' }),
      );
      expect((cells ?? []).reduce((sum, cell) => sum + cell.incidents, 0)).toBe(total);
    }
  });
});

type Estimator = (typeof ESTIMATORS)[number];

function keyOf(values: (string | null)[]): string {
  return JSON.stringify(values);
}

function groupCells(
  cells: FigureCell[],
  grouping: readonly Dimension[],
  filter: IncidentFilter,
): Record<string, unknown> {
  const groups = new Map<string, GroupSums>();
  for (const cell of cells) {
    const key = keyOf(
      grouping.map((name) => {
        if (name.startsWith('region:')) return [cell.country, cell.admin1, cell.admin2].join('/');
        if (['day', 'week', 'month', 'year'].includes(name)) return cell.period;
        return cell[name as 'incidentType' | 'weapon' | 'publisher' | 'verification'];
      }),
    );
    const sums = groups.get(key) ?? new GroupSums();
    sums.add(cell);
    groups.set(key, sums);
  }
  const shape = {
    measures: filter.measures.length > 0 ? filter.measures : MEASURES,
    hasEstimator: true,
    isBelowAdmin1: grouping.includes('region:admin2'),
    period: periodOf(grouping),
  };
  return Object.fromEntries([...groups].map(([key, sums]) => [key, sums.figures(shape)]));
}

/** The rules of the contract, incident by incident, without SQL. */
function sumByHand(
  rows: IncidentState[],
  filter: IncidentFilter,
  grouping: readonly Dimension[],
  estimator: Estimator,
) {
  const groups = new Map<string, IncidentState[]>();
  for (const row of rows) {
    const key = keyOf(grouping.map((name) => dimensionOf(row, name, filter)));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return Object.fromEntries(
    [...groups].map(([key, members]) => [key, byHand(members, filter, { estimator, grouping })]),
  );
}

function dimensionOf(row: IncidentState, name: Dimension, filter: IncidentFilter): string | null {
  const { country, admin1, admin2 } = row.placements['iso-3166']!;
  const started = filter.from !== null && row.startDate < filter.from ? filter.from : row.startDate;
  const date = { start: row.startDate, end: row.endDate, overlap: started }[filter.dateRule];
  switch (name) {
    case 'region:country':
      return `${country ?? ''}//`;
    case 'region:admin1':
      return `${country ?? ''}/${admin1 ?? ''}/`;
    case 'region:admin2':
      return `${country ?? ''}/${admin1 ?? ''}/${admin2 ?? ''}`;
    case 'day':
      return row.timePrecision === 'DAY' ? date : null;
    case 'week':
      return ['DAY', 'WEEK'].includes(row.timePrecision) ? periodStart('week', date) : null;
    case 'month':
    case 'year':
      return periodStart(name, date);
    case 'weapon':
      return row.weaponGroup;
    case 'incidentType':
    case 'publisher':
    case 'verification':
      return row[name];
    case 'status':
    default:
      throw new Error(`${name} is not compared here`);
  }
}

function byHand(
  members: IncidentState[],
  filter: IncidentFilter,
  { estimator, grouping }: { estimator: Estimator; grouping: readonly Dimension[] },
) {
  const isBelowAdmin1 = grouping.includes('region:admin2');
  const dated = (precision: string, ...finer: Dimension[]): number | null =>
    finer.some((period) => grouping.includes(period))
      ? members.filter(({ timePrecision }) => timePrecision === precision).length
      : null;
  const measures = filter.measures.length > 0 ? filter.measures : MEASURES;
  const parts: readonly string[] = filter.statuses.length > 0 ? filter.statuses : ['TOTAL'];
  const flags: Record<string, number> = {};
  for (const flag of members.flatMap((member) => member.flags).toSorted()) flags[flag] = (flags[flag] ?? 0) + 1;
  const placed = members.map((member) => member.placements['iso-3166']!);
  return {
    incidents: members.length,
    measures: Object.fromEntries(
      measures.map((measure) => {
        const spoken = members
          .map((member) =>
            member.measures.filter((figure) => figure.measure === measure && parts.includes(figure.part)),
          )
          .filter((figures) => figures.length > 0);
        const sum = (list: number[]): number => list.reduce((total, value) => total + value, 0);
        const open = spoken.filter((figures) => figures.some(({ hi }) => hi === null));
        const known = spoken.filter((figures) => !open.includes(figures));
        const hiKnown = sum(known.flatMap((figures) => figures.map(({ hi }) => hi ?? 0)));
        const valued = spoken.filter((figures) => figures.every(({ points }) => points[estimator] !== null));
        const points = valued.flatMap((figures) => figures.map((figure) => figure.points[estimator] ?? 0));
        return [
          measure,
          {
            lo: sum(spoken.flatMap((figures) => figures.map(({ lo }) => lo))),
            hi: open.length > 0 ? null : hiKnown,
            hiKnown,
            openIncidents: open.length,
            unknownIncidents: spoken.filter((figures) => figures.every(({ unknown }) => unknown)).length,
            silentIncidents: members.length - spoken.length,
            point: valued.length > 0 ? sum(points) : null,
            withoutPoint: spoken.length - valued.length,
          },
        ];
      }),
    ),
    publishers: [...new Set(members.map(({ publisher }) => publisher))].toSorted(),
    flags,
    placedOnlyTo: {
      nowhere: placed.filter(({ country }) => country === null).length,
      country: placed.filter(({ country, admin1 }) => country !== null && admin1 === null).length,
      admin1: isBelowAdmin1 ? placed.filter(({ admin1, admin2 }) => admin1 !== null && admin2 === null).length : null,
    },
    datedOnlyTo: {
      week: dated('WEEK', 'day'),
      month: dated('MONTH', 'day', 'week'),
      year: dated('YEAR', 'day', 'week', 'month'),
    },
  };
}

describe('as of', () => {
  it('a time is the last position recorded by then; what lies outside the log is refused', async () => {
    const rows = await source.query<{ recorded_at: Date; position: string }[]>(
      'SELECT recorded_at, position FROM read_model.moment ORDER BY recorded_at',
    );
    for (const row of rows) {
      const result = await read((tx) => resolveAsOf(tx, { kind: 'moment', ms: row.recorded_at.getTime() }));
      expect(result).toMatchObject({
        kind: 'found',
        asOf: { position: Number(row.position), recordedAt: row.recorded_at.toISOString() },
      });
    }
    const first = rows[0]!.recorded_at.getTime();
    const last = rows.at(-1)!.recorded_at.getTime();
    for (const ms of [first - 1, last + 1]) {
      expect((await read((tx) => resolveAsOf(tx, { kind: 'moment', ms }))).kind).toBe('out of range');
    }
    expect((await read((tx) => resolveAsOf(tx, { kind: 'position', position: head + 1 }))).kind).toBe('out of range');
    expect((await read((tx) => resolveAsOf(tx, parseAsOf('2018-11-09')!))).kind).toBe('out of range');
    const pinned = await asOf(head);
    expect(pinned).toEqual({
      position: head,
      generation: expect.any(Number),
      recordedAt: new Date(last).toISOString(),
      treeSize: head + 1,
      projection: PROJECTION_VERSION,
      policy: 1,
      isSettled: false,
    });
  });
});

describe('pages of incidents', () => {
  it.each(['start', '-start', 'position', '-position'] as const)(
    'sorted by %s hold each incident once while writes go on',
    async (sort) => {
      const at = await asOf((await projectAll(projection.pool)).position);
      const request = { filter: NO_FILTER, bbox: null, near: null, changedSince: null, sort };
      const { total } = await read((tx) => countIncidents(tx, at, request));
      const seen: string[] = [];
      const story = new VariedStory(projection.log, randomOf(at.position));
      for (let after: IncidentKey | null = null, more = true; more; ) {
        const page = await read((tx) => readIncidentPage(tx, at, request, { limit: 7, after }));
        seen.push(...page.rows.map(({ incidentId }) => incidentId));
        ({ after } = page);
        more = after !== null;
        // Incidents that are new, and old ones that move in the order.
        await projection.log.append([story.report(UCDP, reportOf(`new-${seen.length}-${sort}`))]);
        await projectAll(projection.pool);
      }
      expect(seen.length).toBe(total);
      expect(new Set(seen).size).toBe(total);
      expect(await read((tx) => countIncidents(tx, at, request))).toEqual({ total, notLocated: null });
    },
  );
});

function reportOf(ref: string) {
  return {
    reportId: ref,
    revision: 1,
    incident: { ref },
    publishedAt: '2018-11-09T06:00:00Z',
    source: { name: 'Outlet', kind: 'NGO' as const },
    occurred: { start: '2018-10-14', end: '2018-10-14', precision: 'DAY' as const },
    place: { country: 'IQ', precision: 'COUNTRY' as const },
    classification: { incidentType: 'ARMED_CLASH' as const },
  };
}
