import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { matchDuplicates, type Sighting } from '#app/domain';
import { type EventDraft, incidentIdOf, type PreparedEvent, prepareEvent } from '#app/log';
import { rebuild } from '#app/read-models';
import { randomOf, startProjection, type TestProjection } from '../support/incident-story.js';
import { tellNearby } from '../support/nearby-story.js';
import { digestsOf, projectAll } from '../support/project-all.js';
import { MOSUL_EYE, UCDP, VariedStory } from '../support/varied-story.js';

jest.setTimeout(120_000);

type Decision = 'IncidentsMerged' | 'MergeReverted' | 'IncidentRetracted' | 'IncidentReinstated' | 'DuplicateRejected';

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

/** Two of the pairs that stand are looked at by a steward. */
async function rejectSome(): Promise<string[]> {
  const { rows } = await projection.pool.query<{ a: string; b: string }>(
    'SELECT a, b FROM read_model.candidate WHERE to_position IS NULL ORDER BY a, b LIMIT 2',
  );
  if (rows.length > 0) await projection.log.append(rows.map(({ a, b }) => decide('DuplicateRejected', a, { a, b })));
  return rows.map(({ a, b }) => `${a} ${b}`);
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
});
