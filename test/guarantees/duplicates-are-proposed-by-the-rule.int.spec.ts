import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { matchDuplicates, type Placement, type Sighting, VERIFICATIONS } from '#app/domain';
import { type EventDraft, incidentIdOf, type PreparedEvent, prepareEvent } from '#app/log';
import {
  digestOf,
  type IncidentFilter,
  readOpenCandidates,
  readOpenCandidatesBetween,
  rebuild,
  resolveAsOf,
  tablesOfGeneration,
} from '#app/read-models';
import { withTransaction } from '#app/runtime';
import { DataSource } from 'typeorm';
import { randomOf, startProjection, type TestProjection } from '../support/incident-story.js';
import { tellNearby } from '../support/nearby-story.js';
import { digestsOf, projectAll } from '../support/project-all.js';
import { MOSUL_EYE, UCDP, VariedStory } from '../support/varied-story.js';

jest.setTimeout(120_000);

type Decision =
  | 'IncidentsMerged'
  | 'MergeReverted'
  | 'IncidentRetracted'
  | 'IncidentReinstated'
  | 'IncidentVerified'
  | 'IncidentsPlaced'
  | 'DuplicateRejected';

interface Version extends Omit<Sighting, 'incidentType' | 'timePrecision' | 'geoPrecision' | 'placements' | 'start'> {
  incident_id: string;
  from_position: number;
  to_position: number | null;
  status: string;
  incident_type: Sighting['incidentType'];
  start_date: string;
  time_precision: Sighting['timePrecision'];
  geo_precision: Sighting['geoPrecision'];
  placements: string;
}

let projection: TestProjection;
let story: VariedStory;
let random: (below: number) => number;
beforeEach(async () => {
  projection = await startProjection();
  random = randomOf(11);
  story = new VariedStory(projection.log, random);
});
afterEach(() => projection.close());

/** Versions of streams are told apart from those of the story's reports. */
let streamVersion = 100_000;

function decide<T extends Decision>(type: T, stream: string, data: EventDraft<T>['data']): PreparedEvent {
  streamVersion += 1;
  const source = { ceSource: 'https://steward.example', ceId: `d-${streamVersion}`, cluster: 'test' };
  const coordinates = { topic: 'conflict.decisions.v1', partition: 0, offset: streamVersion, value: null };
  return prepareEvent<T>(
    { type, stream, streamVersion, actor: 'steward', source: { ...source, ...coordinates }, data },
    { log: projection.log.head.log, masterKey: projection.log.masterKey },
  );
}

const anyIncident = (source: string): string => incidentIdOf(source, `incident-${random(40)}`);

async function reportedIncident(): Promise<string> {
  const { rows } = await projection.pool.query<{ incident_id: string }>(
    'SELECT DISTINCT incident_id FROM read_model.incident_version ORDER BY 1',
  );
  return (rows[random(rows.length)] as { incident_id: string }).incident_id;
}

/** Two of the pairs that stand are looked at by a steward. */
async function rejectSome(): Promise<string[]> {
  const { rows } = await projection.pool.query<{ a: string; b: string }>(
    'SELECT a, b FROM read_model.candidate WHERE to_position IS NULL ORDER BY a, b LIMIT 2',
  );
  if (rows.length > 0) await projection.log.append(rows.map(({ a, b }) => decide('DuplicateRejected', a, { a, b })));
  return rows.map(({ a, b }) => `${a} ${b}`);
}

/** A further boundary set, which places a part of what was reported, and some of it in another country than the first set does. */
const FURTHER_SET = 'x-districts';

async function placeSome(): Promise<void> {
  const { rows } = await projection.pool.query<{ position: number }>(
    "SELECT position FROM ledger.event WHERE type = 'ReportRecorded' AND position % 3 > 0 ORDER BY position",
  );
  const group = (country: string, code: string, rest: number) => ({
    placement: { country, admin1: code, admin2: null, admin3: null, precision: 'ADM1' } as Placement,
    positions: rows.map(({ position }) => position).filter((position) => position % 3 === rest),
  });
  const placed = [group('IQ', 'North', 1), group('SY', 'South', 2)];
  await projection.log.append([decide('IncidentsPlaced', projection.log.head.log, { boundary: FURTHER_SET, placed })]);
}

/** A few hundred reports of two publishers, in batches of every size, with decisions in between. */
async function liveStory(): Promise<Map<string, number>> {
  const rejected = new Map<string, number>();
  for (let round = 0; round < 30; round += 1) {
    await projection.log.append(tellNearby(story, 1 + random(30)));
    await projectAll(projection.pool);
    if (round % 7 === 3) {
      const pairs = await rejectSome();
      const { position } = await projectAll(projection.pool);
      for (const [index, pair] of pairs.entries()) rejected.set(pair, position - pairs.length + 1 + index);
    }
    if (round % 10 === 9) await placeSome();
    if (round % 3 === 2) {
      const incident = await reportedIncident();
      await projection.log.append([
        decide('IncidentVerified', incident, { incident, grade: 'DISCOUNTED' }),
        ...tellNearby(story, random(4)),
        ...(random(3) === 0 ? [decide('IncidentVerified', incident, { incident, grade: null })] : []),
      ]);
    }
    if (round % 9 === 4) {
      const incident = anyIncident(UCDP);
      await projection.log.append([
        decide('IncidentRetracted', incident, { incident }),
        ...tellNearby(story, 3),
        decide('IncidentReinstated', incident, { incident }),
      ]);
    }
  }
  await projectAll(projection.pool);
  return rejected;
}

/** The pairs as of a position by the plain way: everybody with everybody. */
function pairsAt(versions: readonly Version[], position: number, rejected: ReadonlyMap<string, number>): Set<string> {
  const counting = versions
    .filter((row) => row.from_position <= position && (row.to_position === null || row.to_position > position))
    .filter(({ status }) => status === 'ACTIVE')
    .map((row) => ({
      id: row.incident_id,
      sighting: {
        ...row,
        incidentType: row.incident_type,
        start: row.start_date,
        timePrecision: row.time_precision,
        geoPrecision: row.geo_precision,
        placements: JSON.parse(row.placements) as Sighting['placements'],
      },
    }))
    .toSorted((x, y) => (x.id < y.id ? -1 : 1));
  const pairs = new Set<string>();
  for (const [index, x] of counting.entries()) {
    for (const y of counting.slice(index + 1)) {
      const match = matchDuplicates(x.sighting, y.sighting);
      const rejectedAt = rejected.get(`${x.id} ${y.id}`) ?? Number.POSITIVE_INFINITY;
      if (match !== null && rejectedAt > position) pairs.add(`${x.id} ${y.id} ${match.rule} ${match.score}`);
    }
  }
  return pairs;
}

async function expectSummed(generation: number): Promise<void> {
  const tables = tablesOfGeneration(generation);
  const [kept, summed] = await withTransaction(projection.pool, async (tx) => [
    await digestOf(tx, 'pair', { tables, range: {} }),
    await digestOf(tx, 'pair', { tables, range: { upTo: Number.MAX_SAFE_INTEGER } }),
  ]);
  expect([generation, kept]).toEqual([generation, summed]);
}

describe('candidate duplicates', () => {
  it('are, as of every position, the pairs that the rule finds among all incidents, less those rejected', async () => {
    const rejected = await liveStory();
    expect(rejected.size).toBeGreaterThan(5);
    const { rows: versions } = await projection.pool.query<Version>('SELECT * FROM read_model.incident_version');
    const { rows: candidates } = await projection.pool.query<{
      a: string;
      b: string;
      from_position: number;
      to_position: number | null;
      score: number;
      body: string;
    }>('SELECT * FROM read_model.candidate');
    expect(candidates.length).toBeGreaterThan(300);
    expect(candidates.filter(({ to_position }) => to_position !== null).length).toBeGreaterThan(100);
    const head = Math.max(...versions.map(({ from_position }) => from_position));
    for (let position = 0; position <= head; position += 1) {
      const found = candidates
        .filter((row) => row.from_position <= position && (row.to_position === null || row.to_position > position))
        .map(({ a, b, score, body }) => `${a} ${b} ${(JSON.parse(body) as { rule: string }).rule} ${score}`);
      expect([position, ...found.toSorted()]).toEqual([
        position,
        ...[...pairsAt(versions, position, rejected)].toSorted(),
      ]);
    }
  });

  it('are the same, to the byte, when the log is projected again in large pages', async () => {
    await liveStory();
    const live = await digestsOf(projection.pool);
    expect(await rebuild({ pool: projection.pool })).toMatchObject({ differing: [] });
    expect((await digestsOf(projection.pool)).candidate).toBe(live.candidate);
    // The sums that were kept, by an event or two at a time and by the rebuild, are those of the pairs.
    for (const generation of [2, 3]) await expectSummed(generation);
  });

  it('end with a merge and are proposed again by its reversal, and never by incidents of one publisher', async () => {
    const told = (ceSource: string, ref: string): PreparedEvent => {
      const report = story.randomReport(ref, `${ref}/only`);
      const place = {
        name: 'Mosul',
        country: 'IQ',
        latitude: 36.34,
        longitude: 43.13,
        precision: 'SETTLEMENT' as const,
      };
      const occurred = { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' as const };
      return story.report(ceSource, { ...report, place, occurred, classification: { incidentType: 'IED_ATTACK' } });
    };
    const [survivor, absorbed] = [incidentIdOf(UCDP, 'bomb'), incidentIdOf(MOSUL_EYE, 'bomb')];
    const open = async (): Promise<number> => {
      await projectAll(projection.pool);
      const { rowCount } = await projection.pool.query('SELECT FROM read_model.candidate WHERE to_position IS NULL');
      return rowCount ?? 0;
    };
    await projection.log.append([told(UCDP, 'bomb'), told(UCDP, 'another')]);
    expect(await open()).toBe(0);
    await projection.log.append([told(MOSUL_EYE, 'bomb')]);
    expect(await open()).toBe(2);
    const merge = decide('IncidentsMerged', survivor, { survivor, absorbed: [absorbed] });
    await projection.log.append([merge]);
    expect(await open()).toBe(0);
    await projection.log.append([
      decide('MergeReverted', survivor, { survivor, absorbed: [absorbed], merge: merge.eventId }),
    ]);
    expect(await open()).toBe(2);
  });

  it('carry what figures are asked by: the open pairs of any filter are those found by a look at both incidents', async () => {
    await liveStory();
    const source = await new DataSource({ type: 'postgres', url: projection.log.url }).initialize();
    try {
      const at = async (position: number) => {
        const result = await resolveAsOf(source.manager, { kind: 'position', position });
        if (result.kind !== 'found') throw new Error(result.kind);
        return result.asOf;
      };
      const head = (await projectAll(projection.pool)).position;
      let pairs = 0;
      let discounting = 0;
      for (let ask = 0; ask < 400; ask += 1) {
        const filter = anyFilter();
        const [from, to] = [await at(random(head + 1)), await at(random(4) === 0 ? head : random(head + 1))];
        // Naming every verification that counts asks for the same, and only the incidents know it.
        const byIncidents = { ...filter, verifications: COUNTED };
        const before = await readOpenCandidates(source.manager, from, byIncidents);
        const after = await readOpenCandidates(source.manager, to, byIncidents);
        const found = await readOpenCandidatesBetween(source.manager, { from, to }, filter);
        expect({ filter, ...found }).toEqual({ filter, before, after });
        expect({ filter, after: await readOpenCandidates(source.manager, to, filter) }).toEqual({ filter, after });
        pairs += after.pairs;
        const all = await readOpenCandidates(source.manager, to, { ...filter, verifications: VERIFICATIONS });
        discounting += all.pairs - after.pairs;
      }
      expect(pairs).toBeGreaterThan(2_000);
      expect(discounting).toBeGreaterThan(50);
    } finally {
      await source.destroy();
    }
  });
});

const COUNTED = VERIFICATIONS.filter((verification) => verification !== 'DISCOUNTED' && verification !== 'RETRACTED');

function anyFilter(): IncidentFilter {
  const some = <T>(list: readonly T[]): T[] => (random(2) === 0 ? [] : list.filter(() => random(3) === 0));
  const date = (): string | null => (random(2) === 0 ? null : `2018-11-0${1 + random(6)}`);
  // Whole months are counted from sums.
  const isOfMonths = random(2) === 0;
  const month = (): string | null => (random(2) === 0 ? null : `2018-1${random(3)}`);
  const ending = (name: string | null): string | null => name && `${name}-${name.endsWith('11') ? 30 : 31}`;
  const beginning = (name: string | null): string | null => name && `${name}-01`;
  const isFurther = random(3) === 0;
  const country = (code: string) => ({ level: 'country' as const, code });
  const admin1 = (code: string) => ({ level: 'admin1' as const, code });
  return {
    boundary: isFurther ? FURTHER_SET : 'iso-3166',
    regions: some(
      isFurther
        ? [country('IQ'), admin1('North'), admin1('South')]
        : [country('IQ'), country('FJ'), country('CH'), admin1('IQ-NI')],
    ),
    from: isOfMonths ? beginning(month()) : date(),
    to: isOfMonths ? ending(month()) : date(),
    dateRule: 'start',
    measures: some(['KILLED']),
    statuses: [],
    roles: [],
    incidentTypes: some(['IED_ATTACK', 'AIR_STRIKE', 'ARMED_CLASH']),
    weapons: [],
    targets: [],
    actors: [],
    publishers: some([UCDP, MOSUL_EYE, 'https://nobody.example']),
    verifications: [],
  };
}
