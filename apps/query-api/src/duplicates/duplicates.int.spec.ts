import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { matchDuplicates, type Sighting } from '#app/domain';
import { incidentIdOf } from '#app/log';
import { EVERY_INCIDENT, resolveAsOf, readOpenCandidates } from '#app/read-models';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import { randomOf, startProjection, type TestProjection } from '../../../../test/support/incident-story.js';
import { tellNearby } from '../../../../test/support/nearby-story.js';
import { projectAll } from '../../../../test/support/project-all.js';
import { MOSUL_EYE, UCDP, VariedStory } from '../../../../test/support/varied-story.js';
import { QueryApiConfig } from '../query-api.config.js';
import { createQueryApi } from '../query-api.js';

jest.setTimeout(180_000);

// What an answer holds is what the tests find out.
type Json = ReturnType<JSON['parse']>;

let projection: TestProjection;
let app: NestFastifyApplication;
let head: number;
const folder = mkdtempSync(path.join(tmpdir(), 'query-api-'));

const get = (url: string) => app.inject({ url, headers: { host: 'ledger.example' } });
async function json(url: string): Promise<Json> {
  const answer = await get(url);
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode} ${answer.body}`);
  return answer.json();
}
async function pagesOf(url: string): Promise<Json[]> {
  const pages = [await json(url)];
  for (let { next } = pages[0]; next !== null; { next } = pages.at(-1)) {
    pages.push(await json(next.replace('http://ledger.example', '')));
  }
  return pages;
}

beforeAll(async () => {
  projection = await startProjection();
  const story = new VariedStory(projection.log, randomOf(3));
  for (let batch = 0; batch < 4; batch += 1) await projection.log.append(tellNearby(story, 60));
  head = (await projectAll(projection.pool)).position;
  const file = path.join(folder, 'master-key');
  writeFileSync(file, Buffer.alloc(32, 7), { mode: 0o600 });
  const config = { DATABASE_URL: projection.log.url, LEDGER_MASTER_KEY_FILE: file };
  app = await createQueryApi(Object.assign(new QueryApiConfig(), config), pino({ level: 'silent' }));
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(async () => {
  await app?.close();
  await projection?.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = async (position: number): Promise<number> => {
  const { rows } = await projection.pool.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM read_model.candidate WHERE from_position <= $1 AND (to_position IS NULL OR to_position > $1)',
    [position],
  );
  return rows[0]?.n ?? 0;
};

describe('/v1/duplicates', () => {
  it('shows pairs of two publishers, the most alike first, with both incidents and the reasons', async () => {
    const { data, total, asOf } = await json('/v1/duplicates?limit=500');
    expect(total).toBeGreaterThan(20);
    expect(data).toHaveLength(total);
    expect(asOf.position).toBe(head);
    const scores = data.map(({ score }: Json) => score);
    expect(scores).toEqual(scores.toSorted((a: number, b: number) => b - a));
    for (const { incidents, km, days } of data) {
      expect(incidents.map(({ publisher }: Json) => publisher).toSorted()).toEqual([MOSUL_EYE, UCDP]);
      expect(km === null || km <= 5).toBe(true);
      expect(days).toBe(Math.abs(Date.parse(incidents[0].start) - Date.parse(incidents[1].start)) / 86_400_000);
    }
  });

  it('gives every pair once, page by page, as of any position', async () => {
    for (const position of [head, head - 100]) {
      const pages = await pagesOf(`/v1/duplicates?asOf=${position}&limit=7`);
      const pairs = pages.flatMap(({ data }: Json) =>
        data.map(({ incidents }: Json) => incidents.map(({ id }: Json) => id)),
      );
      expect(new Set(pairs.map(String)).size).toBe(pairs.length);
      expect(pairs).toHaveLength(await open(position));
      expect(pages[0].total).toBe(pairs.length);
    }
  });

  it('of one incident, of a region, of a publisher, from a score', async () => {
    const { data: all } = await json('/v1/duplicates?limit=500');
    const id = all[0].incidents[0].id;
    const has = (pair: Json, test: (incident: Json) => boolean): boolean => pair.incidents.some(test);
    const expected: [string, (pair: Json) => boolean][] = [
      [`incident=${id}`, (pair) => has(pair, (incident) => incident.id === id)],
      ['region=IQ-NI', (pair) => has(pair, ({ admin1 }) => admin1 === 'IQ-NI')],
      ['region=FJ', (pair) => has(pair, ({ country }) => country === 'FJ')],
      ['minScore=90', ({ score }) => score >= 90],
      ['publisher=UCDP', () => true],
    ];
    for (const [parameters, holds] of expected) {
      const { data, total } = await json(`/v1/duplicates?limit=500&${parameters}`);
      expect([parameters, total]).toEqual([parameters, all.filter(holds).length]);
      expect(data).toEqual(all.filter(holds));
      expect(total).toBeGreaterThan(0);
    }
  });

  it('has no answer for what it does not know', async () => {
    const unknown = incidentIdOf(UCDP, 'nowhere');
    expect((await get(`/v1/duplicates?incident=${unknown}`)).statusCode).toBe(404);
    expect((await get('/v1/duplicates?incident=x')).statusCode).toBe(400);
    expect((await get('/v1/duplicates?minScore=101')).statusCode).toBe(400);
    expect((await get('/v1/duplicates?cursor=AAAA')).statusCode).toBe(400);
  });

  it('as CSV and NDJSON', async () => {
    const total = await open(head);
    const csv = (await get('/v1/duplicates?format=csv&hxl=true')).body.trimEnd().split(/\r?\n/);
    expect(csv[0]).toMatch(/^score,rule,km,days,type_agreement,shared_actors,a_id,a_publisher/);
    expect(csv[1]).toMatch(/^#indicator\+score,/);
    expect(csv).toHaveLength(total + 2);
    const lines = (await get('/v1/duplicates?format=ndjson')).body.trimEnd().split('\n');
    expect(lines).toHaveLength(total);
  });
});

/** An incident of a list as it is compared. */
function sightingOf({ publisher, incidentType, start, timePrecision, place, actors }: Json): Sighting {
  const { latitude, longitude, precision, country, admin1, admin2 } = place;
  const placement = { country, admin1, admin2, admin3: null, precision: 'ADM2' as const };
  return {
    ...{ publisher, incidentType, start, timePrecision, actors, latitude, longitude },
    geoPrecision: precision,
    placements: { 'iso-3166': placement },
  };
}

it('the open pairs of what had been published are those of it that are alike by what had been published', async () => {
  const { data: pairs } = await json('/v1/duplicates?limit=500');
  const counts = new Set<number>();
  for (const until of ['2018-11-09', '2018-11-11', '2018-11-13', '2018-11-15', '2018-11-17', '2019-01-01']) {
    const { data } = await json(`/v1/incidents?limit=1000&publishedUntil=${until}`);
    const known = new Map<string, Sighting>(data.map((incident: Json) => [incident.id, sightingOf(incident)]));
    const alike = pairs.filter(({ incidents }: Json) => {
      const [one, other] = incidents.map(({ id }: Json) => known.get(id));
      return one !== undefined && other !== undefined && matchDuplicates(one, other) !== null;
    });
    for (const route of ['casualties', 'explain', 'activity']) {
      const answer = await json(`/v1/${route}?publishedUntil=${until}`);
      const { openDuplicateCandidates } = route === 'activity' ? answer : answer.total;
      expect([until, route, openDuplicateCandidates.pairs]).toEqual([until, route, alike.length]);
    }
    counts.add(alike.length);
  }
  expect(counts.size).toBeGreaterThan(3);
  const before = await json('/v1/casualties?publishedUntil=2000-01-01');
  expect(before.total.openDuplicateCandidates).toEqual({ pairs: 0, publishers: [] });
});

it('the open pairs of a figure are those that touch what it counts', async () => {
  const source = await new DataSource({ type: 'postgres', url: projection.log.url }).initialize();
  try {
    const result = await resolveAsOf(source.manager, { kind: 'head' });
    if (result.kind !== 'found') throw new Error(result.kind);
    const filter = {
      ...EVERY_INCIDENT,
      boundary: 'iso-3166',
      regions: [{ level: 'country' as const, code: 'FJ' }],
    };
    const { total } = await json('/v1/duplicates?region=FJ');
    expect(await readOpenCandidates(source.manager, result.asOf, filter)).toEqual({
      pairs: total,
      publishers: [MOSUL_EYE, UCDP].toSorted(),
    });
    const nowhere = { ...filter, regions: [{ level: 'country' as const, code: 'CH' }] };
    expect(await readOpenCandidates(source.manager, result.asOf, nowhere)).toEqual({ pairs: 0, publishers: [] });
  } finally {
    await source.destroy();
  }
});
