import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { incidentIdOf } from '#app/log';
import { PROJECTION_VERSION } from '#app/domain';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { randomOf, startProjection, type TestProjection } from '../../../test/support/incident-story.js';
import { projectAll } from '../../../test/support/project-all.js';
import { MOSUL_EYE, UCDP, VariedStory } from '../../../test/support/varied-story.js';
import { QueryApiConfig } from './query-api.config.js';
import { createQueryApi } from './query-api.js';

jest.setTimeout(120_000);

let projection: TestProjection;
let app: NestFastifyApplication;
let story: VariedStory;
const folder = mkdtempSync(path.join(tmpdir(), 'query-api-'));

const BOMB = 'abu-layla';
const BOMB_ID = incidentIdOf(MOSUL_EYE, BOMB);

/** The bomb of vector V1, told by two claimants. */
function bomb(reportId: string, outlet: string, [killed, injured]: [number, number], over: object = {}) {
  return {
    reportId,
    revision: 1,
    incident: { ref: BOMB },
    publishedAt: '2018-11-09T06:00:00Z',
    source: {
      name: outlet,
      kind: 'MEDIA_LOCAL' as const,
      url: `https://outlet.example/${reportId}`,
      documentId: 'd-1',
    },
    occurred: { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' as const },
    place: {
      name: '=Mosul',
      country: 'IQ',
      admin: [{ code: 'IQ-NI', authority: 'ISO' }],
      latitude: 36.34,
      longitude: 43.13,
      precision: 'SETTLEMENT' as const,
    },
    classification: {
      incidentType: 'IED_ATTACK' as const,
      weapons: [{ type: 'IED', delivery: 'VBIED' }],
      targets: ['BUSINESS'],
    },
    casualties: [
      { measure: 'KILLED' as const, value: { qualifier: 'EXACT' as const, lo: killed, hi: killed } },
      { measure: 'INJURED' as const, value: { qualifier: 'EXACT' as const, lo: injured, hi: injured } },
    ],
    summary: `summary of ${reportId}`,
    tags: ['car bomb', 'restaurant'],
    confidential: { sourceContact: 'telephone', victims: [{ subjectRef: 'v1', name: 'a name' }] },
    ...over,
  };
}

beforeAll(async () => {
  projection = await startProjection();
  story = new VariedStory(projection.log, randomOf(7));
  await projection.log.append(story.events(198));
  await projection.log.append([
    story.report(MOSUL_EYE, { ...bomb('gone', 'Outlet', [1, 1]), incident: { ref: 'withdrawn' } }),
    story.withdrawal(MOSUL_EYE, 'withdrawn', 'gone'),
  ]);
  await projection.log.append([
    story.report(MOSUL_EYE, bomb('k24', 'Kurdistan 24', [3, 5])),
    story.report(MOSUL_EYE, bomb('police', 'Mosul police', [2, 11])),
    story.report(MOSUL_EYE, bomb('k24', 'Kurdistan 24', [4, 5], { revision: 2 })),
  ]);
  await projectAll(projection.pool);
  const file = path.join(folder, 'master-key');
  writeFileSync(file, Buffer.alloc(32, 7), { mode: 0o600 });
  const config = Object.assign(new QueryApiConfig(), {
    DATABASE_URL: projection.log.url,
    LEDGER_MASTER_KEY_FILE: file,
  });
  app = await createQueryApi(config, pino({ level: 'silent' }));
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(async () => {
  await app?.close();
  await projection?.close();
  rmSync(folder, { recursive: true, force: true });
});

// What an answer holds is what the tests find out.
type Json = ReturnType<JSON['parse']>;

async function get(url: string, headers: Record<string, string> = {}) {
  return app.inject({ url, headers: { host: 'ledger.example', ...headers } });
}
async function json(url: string): Promise<Json> {
  const answer = await get(url);
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode} ${answer.body}`);
  return answer.json();
}

describe('/v1/casualties', () => {
  it('shows the bomb as an interval over its claimants, with an estimator as asked', async () => {
    const url = '/v1/casualties?publisher=MOSUL&from=2018-11-08&to=2018-11-08&weapon=VBIED&target=BUSINESS';
    const { total, asOf } = await json(`${url}&estimator=conservative`);
    expect(total).toMatchObject({
      incidents: 1,
      publishers: [MOSUL_EYE],
      openDuplicateCandidates: { pairs: expect.any(Number), publishers: expect.any(Array) },
      measures: {
        KILLED: {
          lo: 2,
          hi: 4,
          hiKnown: 4,
          openIncidents: 0,
          unknownIncidents: 0,
          silentIncidents: 0,
          point: 2,
          withoutPoint: 0,
        },
        INJURED: { lo: 5, hi: 11, point: 5 },
        MISSING: { lo: 0, hi: 0, silentIncidents: 1, point: null, withoutPoint: 0 },
      },
    });
    expect(asOf).toEqual({
      position: 206,
      recordedAt: expect.any(String),
      treeSize: 207,
      projection: PROJECTION_VERSION,
      policy: 1,
      boundary: 'iso-3166',
    });
    const before = await json(`${url}&asOf=205`);
    expect(before.total.measures.KILLED).toMatchObject({ lo: 2, hi: 3, point: null, withoutPoint: null });
    expect((await json(`${url}&asOf=203`)).total.incidents).toBe(0);
  });

  it('gives groups whose sums are the total, page by page', async () => {
    const grouping = 'groupBy=month,region:admin1&estimator=max';
    const whole = await json(`/v1/casualties?${grouping}&limit=10000`);
    const pages: Json[] = [];
    for (let url: string | null = `/v1/casualties?${grouping}&limit=3`; url !== null; ) {
      const page = await json(url);
      expect(page.total).toEqual(whole.total);
      pages.push(...page.data);
      expect(page.next === null || page.next.startsWith('http://ledger.example/v1/casualties?')).toBe(true);
      url = page.next === null ? null : page.next.slice('http://ledger.example'.length);
    }
    expect(pages).toEqual(whole.data);
    expect(whole.groups).toBe(whole.data.length);
    const sum = (pick: (group: Json) => number): number =>
      whole.data.reduce((total: number, group: Json) => total + pick(group), 0);
    expect(sum((group) => group.incidents)).toBe(whole.total.incidents);
    expect(sum((group) => group.measures.KILLED.lo)).toBe(whole.total.measures.KILLED.lo);
    const coarse = whole.data.filter((group: Json) => group.group.region.code === null);
    expect(sum((group) => (group.group.region.code === null ? group.incidents : 0))).toBe(
      whole.total.placedOnlyTo.country + whole.total.placedOnlyTo.nowhere,
    );
    expect(coarse.map((group: Json) => group.group.region.placedOnlyTo)).toEqual(expect.arrayContaining(['IQ', null]));
  });

  it('keeps parts apart from totals', async () => {
    const { data, total } = await json('/v1/casualties?groupBy=status&measure=KILLED');
    const plain = await json('/v1/casualties?measure=KILLED');
    expect(total).toEqual(plain.total);
    expect(data.map((group: Json) => group.group.status)).toEqual([
      'ARMED_FORCES_MEMBER',
      'CIVILIAN',
      'DIRECT_PARTICIPANT',
      'OTHER_PROTECTED',
      'UNKNOWN',
    ]);
    const civilians = await json('/v1/casualties?status=CIVILIAN&measure=KILLED');
    expect(data[1].measures.KILLED).toEqual(civilians.total.measures.KILLED);
  });

  it('writes the long form as CSV', async () => {
    const { data } = await json('/v1/casualties?groupBy=month&measure=KILLED&estimator=best');
    const answer = await get('/v1/casualties?groupBy=month&measure=KILLED&estimator=best&format=csv&bom=true&hxl=true');
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    const lines = answer.body.split('\r\n');
    expect(lines[0]).toBe(
      '\uFEFFperiod,region_code,region_name,boundary,measure,status,incidents,lo,hi,hi_known,open_incidents,unknown_incidents,silent_incidents,estimator,point,as_of_position',
    );
    expect(lines[1]).toMatch(/^#date\+period,/);
    expect(lines.length).toBe(data.length + 3);
    const first = data[0].measures.KILLED;
    expect(lines[2]).toBe(
      [
        data[0].group.period.key,
        '',
        '',
        'iso-3166',
        'KILLED',
        'TOTAL',
        data[0].incidents,
        first.lo,
        first.hi,
        first.hiKnown,
        first.openIncidents,
        first.unknownIncidents,
        first.silentIncidents,
        'best',
        first.point,
        206,
      ].join(','),
    );
    expect((await get('/v1/casualties', { accept: 'text/csv' })).headers['content-type']).toContain('text/csv');
  });

  it.each([
    ['region=XX', 422, 'UNKNOWN_REGION'],
    ['publisher=nobody', 422, 'UNKNOWN_PUBLISHER'],
    ['boundary=other', 422, 'UNKNOWN_BOUNDARY'],
    ['asOf=207', 422, 'AS_OF_OUT_OF_RANGE'],
    ['asOf=2018-11-09', 422, 'AS_OF_OUT_OF_RANGE'],
    ['asOf=2099-01-01T00:00:00Z', 422, 'AS_OF_OUT_OF_RANGE'],
    ['asOf=018', 400, 'INVALID_PARAMETER'],
    ['asOf=2099-01-01T00:00:00+04:00', 422, 'AS_OF_OUT_OF_RANGE'],
    ['asOf=yesterday', 422, 'AS_OF_OUT_OF_RANGE'],
    ['asOf=Yesterday', 400, 'INVALID_PARAMETER'],
    ['asOf=99999999999999999999', 400, 'INVALID_PARAMETER'],
    ['from=2018-02-30', 400, 'INVALID_PARAMETER'],
    ['from=2018-11-02&to=2018-11-01', 400, 'INVALID_PARAMETER'],
    ['from=2018-11-02&from=2018-11-01', 400, 'INVALID_PARAMETER'],
    ['groupBy=day,month', 400, 'INVALID_PARAMETER'],
    ['groupBy=colour', 400, 'INVALID_PARAMETER'],
    ['limit=10001', 400, 'INVALID_PARAMETER'],
    ['limit=0', 400, 'INVALID_PARAMETER'],
    ['measure=killed', 400, 'INVALID_PARAMETER'],
    ['colour=red', 400, 'UNKNOWN_PARAMETER'],
    ['publishedUntil=9', 400, 'INVALID_PARAMETER'],
    ['publishedUntil=2018-02-30', 400, 'INVALID_PARAMETER'],
    ['publishedUntil=2018-11-09', 200, undefined],
    ['cursor=abc', 400, 'BAD_CURSOR'],
    ["actor='; DROP TABLE read_model.generation; --", 200, undefined],
    ["publisher=' OR 1=1 --", 422, 'UNKNOWN_PUBLISHER'],
  ])('answers %s with %i %s', async (query, status, code) => {
    const answer = await get(`/v1/casualties?${new URLSearchParams(query).toString()}`);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  it.each(['IQ', 'IRQ', '645', 'iraq', 'IQ-NI', 'IQG15'])('knows the region %s', async (region) => {
    expect((await json(`/v1/casualties?region=${region}`)).total.incidents).toBeGreaterThan(0);
  });
});

describe('caching', () => {
  it('lets an answer that a later event has settled be kept for ever, and asks again about now', async () => {
    const settled = await get('/v1/casualties?asOf=100');
    expect(settled.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    for (const url of ['/v1/casualties', '/v1/casualties?asOf=206']) {
      const now = await get(url);
      expect(now.headers['cache-control']).toBe('no-cache');
      const again = await get(url, { 'if-none-match': String(now.headers['etag']) });
      expect([again.statusCode, again.body]).toEqual([304, '']);
    }
    expect((await get('/v1/casualties?asOf=101')).headers['etag']).not.toBe(settled.headers['etag']);
  });
});

describe('/v1/incidents', () => {
  it('finds by what was said of an incident', async () => {
    const { data, total, notLocated } = await json(
      '/v1/incidents?publisher=mosul&weapon=VBIED&target=BUSINESS&from=2018-11-08&to=2018-11-08',
    );
    expect([data.length, total, notLocated]).toEqual([1, 1, null]);
    expect(data[0]).toMatchObject({
      id: BOMB_ID,
      ref: BOMB,
      publisher: MOSUL_EYE,
      place: { name: '=Mosul', country: 'IQ', admin1: 'IQ-NI', precision: 'SETTLEMENT' },
      figures: [
        { measure: 'KILLED', part: 'TOTAL', lo: 2, hi: 4 },
        { measure: 'KILLED', part: 'UNKNOWN' },
        { measure: 'INJURED' },
        { measure: 'INJURED' },
      ],
      reports: 2,
      claimants: 2,
      position: 206,
    });
  });

  it('finds by place: only what is placed finely enough, saying how many are not', async () => {
    const near = await json('/v1/incidents?near=36.34,43.13,5&limit=10000');
    expect(near.data.map((incident: Json) => incident.id)).toContain(BOMB_ID);
    expect(near.data.every((incident: Json) => incident.place.precision === 'SETTLEMENT')).toBe(true);
    expect(near.notLocated).toBeGreaterThan(0);
    const box = await json('/v1/incidents?bbox=43,36,43.5,36.5&limit=10000');
    expect(box.data).toEqual(near.data);
    expect((await json('/v1/incidents?bbox=-10,-10,-9,-9')).total).toBe(0);
    expect((await get('/v1/incidents?bbox=43,36,43.5,91')).statusCode).toBe(400);
  });

  it('gives GeoJSON with geometry only where the place is fine enough', async () => {
    const answer = await get('/v1/incidents?format=geojson&limit=10000');
    expect(answer.headers['content-type']).toContain('application/geo+json');
    const { type, features, total } = answer.json();
    expect([type, features.length]).toEqual(['FeatureCollection', total]);
    for (const { geometry, properties } of features) {
      const isFine = ['SETTLEMENT', 'EXACT_POINT'].includes(properties.place.precision);
      expect(geometry).toEqual(
        isFine ? { type: 'Point', coordinates: [properties.place.longitude, properties.place.latitude] } : null,
      );
    }
  });

  it('streams all as NDJSON, and writes CSV that runs no formula', async () => {
    const { total } = await json('/v1/incidents');
    const stream = await get('/v1/incidents?format=ndjson');
    expect(stream.body.trim().split('\n').length).toBe(total);
    const csv = await get('/v1/incidents?format=csv&publisher=mosul&weapon=VBIED&target=BUSINESS');
    expect(csv.body).toContain(",'=Mosul,");
  });

  it('tells a follower what changed, withdrawals included', async () => {
    const all = await json('/v1/incidents?changedSince=-1&limit=10000');
    const states = all.data.map((incident: Json) => incident.status);
    expect(states).toContain('WITHDRAWN');
    const since = await json('/v1/incidents?changedSince=203');
    expect(since.data.map((incident: Json) => incident.id)).toEqual([BOMB_ID]);
    expect((await json('/v1/incidents?changedSince=206')).total).toBe(0);
    for (const query of ['changedSince=207', 'changedSince=101&asOf=100', 'changedSince=207&format=ndjson']) {
      const beyond = await get(`/v1/incidents?${query}`);
      expect([beyond.statusCode, beyond.json()]).toEqual([
        422,
        expect.objectContaining({
          code: 'AS_OF_OUT_OF_RANGE',
          errors: [expect.objectContaining({ parameter: 'changedSince' })],
        }),
      ]);
    }
    const positions = all.data.map((incident: Json) => incident.position);
    expect(positions).toEqual(positions.toSorted((a: number, b: number) => a - b));
  });

  it('refuses a cursor of another list, and a forged one', async () => {
    const { next } = await json('/v1/incidents?limit=1');
    const cursor = new URL(next).searchParams.get('cursor') as string;
    expect((await get(`/v1/incidents?limit=1&cursor=${cursor}`)).statusCode).toBe(200);
    expect((await get(`/v1/incidents?limit=1&region=IQ&cursor=${cursor}`)).json().code).toBe('BAD_CURSOR');
    const parts = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    for (const forged of [
      [1, 99_999, parts[2], parts[3]],
      [1, 206, parts[2], ['x', 'y', 1, null]],
      [1, 206, parts[2], ['2018-01-01', "'", 1, null]],
    ]) {
      const text = Buffer.from(JSON.stringify(forged)).toString('base64url');
      expect((await get(`/v1/incidents?limit=1&cursor=${text}`)).json().code).toBe('BAD_CURSOR');
    }
  });
});

describe('/v1/incidents/{id}', () => {
  it('shows every report with its claims and claimant, opens the open tier, counts what is withheld', async () => {
    const detail = await json(`/v1/incidents/${BOMB_ID}`);
    expect(
      detail.sources.map((source: Json) => [
        source.reportId,
        source.revision,
        source.state,
        source.position,
        source.supersededAt,
      ]),
    ).toEqual([
      ['k24', 1, 'SUPERSEDED', 204, 206],
      ['police', 1, 'ACTIVE', 205, null],
      ['k24', 2, 'ACTIVE', 206, null],
    ]);
    expect(detail.sources[1]).toMatchObject({
      claims: [
        {
          measure: 'KILLED',
          status: null,
          value: { lo: 2, hi: 2 },
          claimant: { name: 'Mosul police', kind: 'MEDIA_LOCAL' },
        },
        { measure: 'INJURED', value: { lo: 11 } },
      ],
      opened: {
        summary: 'summary of police',
        tags: ['car bomb', 'restaurant'],
        url: 'https://outlet.example/police',
        documentId: 'd-1',
        archiveUrl: null,
      },
      withheld: 2,
      erased: [],
    });
    expect(detail.withheld).toBe(6);
    expect(detail.lineage).toMatchObject({ absorbed: [], survivor: null, merged: [], mergedInto: [] });
    expect(detail.decisions).toEqual([]);
    expect(JSON.stringify(detail)).not.toMatch(/telephone|a name/);
    expect((await json(`/v1/incidents/${BOMB_ID}?asOf=205`)).sources[0].state).toBe('ACTIVE');
  });

  it('says what was erased, at once and in every cache', async () => {
    const url = `/v1/incidents/${BOMB_ID}?asOf=206`;
    const before = await get(url);
    expect(before.headers['cache-control']).toBe('no-cache');
    const { eventId } = before.json().sources[1];
    await projection.log.owner.query('DELETE FROM vault.key WHERE key_id = $1', [eventId]);
    const after = await get(url, { 'if-none-match': String(before.headers['etag']) });
    expect(after.statusCode).toBe(200);
    expect(after.json().sources[1]).toMatchObject({
      opened: { summary: null, tags: [], url: null },
      withheld: 0,
      erased: expect.arrayContaining(['/summary', '/tags/0', '/confidential/sourceContact', '/confidential/victims/0']),
    });
  });

  it('gives the row, the feature and the line that a list has of it', async () => {
    const list = '/v1/incidents?publisher=mosul&weapon=VBIED&target=BUSINESS&from=2018-11-08&to=2018-11-08';
    for (const parameters of ['format=csv', 'format=csv&bom=true&hxl=true', 'format=ndjson&limit=1']) {
      const whole = await get(`${list}&${parameters}`);
      const one = await get(`/v1/incidents/${BOMB_ID}?${parameters.replace('&limit=1', '')}`);
      expect([one.headers['content-type'], one.body]).toEqual([whole.headers['content-type'], whole.body]);
    }
    const collection = await json(`${list}&format=geojson`);
    const feature = await get(`/v1/incidents/${BOMB_ID}?format=geojson`);
    expect(feature.headers['content-type']).toBe('application/geo+json; charset=utf-8');
    expect(feature.json()).toEqual({
      ...collection.features[0],
      publishedUntil: null,
      asOf: collection.asOf,
    });
    const accepted = await get(`/v1/incidents/${BOMB_ID}`, { accept: 'text/csv' });
    expect(accepted.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect((await get(`/v1/incidents/${BOMB_ID}?format=xml`)).json().code).toBe('INVALID_PARAMETER');
    expect((await get('/v1/incidents/00000000-0000-5000-8000-000000000000?format=csv')).statusCode).toBe(404);
  });

  it.each([
    ['00000000-0000-5000-8000-000000000000', 404, 'INCIDENT_NOT_FOUND'],
    ['not-a-uuid', 400, 'INVALID_PARAMETER'],
  ])('answers %s with %i', async (id, status, code) => {
    const answer = await get(`/v1/incidents/${id}`);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });
});

describe('/v1/activity', () => {
  it('counts every period, with change and mean, and looks back beyond from', async () => {
    const all = await json('/v1/activity?interval=month');
    expect(all.data[0]).toMatchObject({
      period: '2018-01',
      start: '2018-01-01',
      end: '2018-01-31',
      change: null,
      trailingMean: null,
      record: null,
    });
    expect(all.data.map((point: Json) => point.period)).toEqual([
      ...Array.from({ length: 12 }, (_, month) => `2018-${String(month + 1).padStart(2, '0')}`),
      '2019-01',
    ]);
    expect(all.incidents).toBe((await json('/v1/casualties')).total.incidents);
    const late = await json('/v1/activity?interval=month&from=2018-10-01');
    expect(late.data).toEqual(all.data.slice(9));
    expect(late.data[0].change.absolute).toBe(late.data[0].incidents - all.data[8].incidents);
    const cut = await json('/v1/activity?interval=month&from=2018-10-14');
    expect(cut.data[0].incidents).toBe((await json('/v1/casualties?from=2018-10-14&to=2018-10-31')).total.incidents);
  });

  it('counts what is dated too coarsely for the interval apart', async () => {
    const weekly = await json('/v1/activity?interval=week&limit=10000');
    expect(weekly.placedOnlyToLongerPeriods).toBeGreaterThan(0);
    expect(weekly.incidents).toBe((await json('/v1/casualties')).total.incidents);
    expect(weekly.data[0].period).toMatch(/^\d{4}-W\d{2}$/);
  });

  it('divides into series', async () => {
    const { data, incidents } = await json('/v1/activity?interval=year&groupBy=publisher');
    expect(new Set(data.map((point: Json) => point.group.publisher))).toEqual(new Set([UCDP, MOSUL_EYE]));
    expect(incidents).toBe((await json('/v1/activity?interval=year')).incidents);
    expect((await get('/v1/activity?format=csv')).body).toMatch(/^period,start,end,/);
  });

  it('counts a measure where incidents speak of it, as the list does', async () => {
    const { incidents } = await json('/v1/activity?measure=ABDUCTED&status=CIVILIAN');
    expect(incidents).toBe((await json('/v1/incidents?measure=ABDUCTED&status=CIVILIAN')).total);
  });
});

describe('/v1/regions', () => {
  it('finds areas by name in any script, by code and by what is above', async () => {
    expect((await json('/v1/regions?q=Mosul&level=COUNTRY')).total).toBe(0);
    expect((await json('/v1/regions?parent=IQ')).data.map(({ code }: Json) => code)).toContain('IQ-NI');
    const { code, path: above, codes, boundarySets } = await json('/v1/regions/IQ-NI');
    expect({ code, country: above[0].code, boundarySets }).toEqual({
      code: 'IQ-NI',
      country: 'IQ',
      boundarySets: ['iso-3166'],
    });
    expect(codes.length).toBeGreaterThan(1);
    expect((await get('/v1/regions/nowhere-at-all')).json().code).toBe('REGION_NOT_FOUND');
    const list = (await get('/v1/regions?parent=IQ&format=csv&hxl=true')).body.split('\r\n');
    const one = await get('/v1/regions/IQ-NI?format=csv&hxl=true');
    expect(one.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(one.body.split('\r\n')).toEqual([list[0], list[1], list.find((line) => line.startsWith('IQ-NI,')), '']);
    expect((await get('/v1/regions/IQ-NI?format=csv&bom=true')).body).toMatch(/^\uFEFFregion_code,/);
    expect((await get('/v1/regions/IQ-NI', { accept: 'text/csv' })).body).toMatch(/^region_code,/);
    const page = await json('/v1/regions?limit=100');
    expect(new URL(page.next).searchParams.get('cursor')).not.toBeNull();
  });
});

describe('the document', () => {
  it('is OpenAPI 3.1 and names every parameter', async () => {
    const document = await json('/openapi.json');
    expect(document.openapi).toBe('3.1.0');
    for (const [route, types] of [
      ['/v1/incidents/{id}', ['application/json', 'text/csv', 'application/x-ndjson', 'application/geo+json']],
      ['/v1/regions/{code}', ['application/json', 'text/csv']],
    ] as const) {
      const operation = document.paths[route].get;
      expect(Object.keys(operation.responses['200'].content)).toEqual(types);
      expect(operation.parameters.map(({ name }: Json) => name)).toEqual(
        expect.arrayContaining(['asOf', 'format', 'bom', 'hxl']),
      );
    }
    const names = document.paths['/v1/casualties'].get.parameters.map(({ name }: Json) => name);
    expect(names).toEqual(
      expect.arrayContaining(['region', 'from', 'to', 'measure', 'groupBy', 'estimator', 'asOf', 'cursor']),
    );
  });
});
