import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { rebuild } from '#app/read-models';
import { OfficialStory } from '../../../../test/support/official-story.js';
import { digestsOf } from '../../../../test/support/project-all.js';
import { type Json, startQueryApi, type TestQueryApi } from '../../../../test/support/query-api.js';
import { exact, UNAMI_SERIES, UNAMI_SOURCE, unamiFigure } from '../../../../test/support/unami.js';

jest.setTimeout(120_000);

const MONTHS = ['2018-01', '2018-02', '2018-03', '2018-04', '2018-05'];
let api: TestQueryApi;
let unami: OfficialStory;
let desk: OfficialStory;

beforeAll(async () => {
  api = await startQueryApi();
  unami = new OfficialStory(api.projection.log, UNAMI_SOURCE);
  desk = new OfficialStory(api.projection.log, 'https://desk.example');
  await api.record([
    ...MONTHS.flatMap((month, index) => [
      unami.aggregate(unamiFigure(month, 'KILLED', 100 - index)),
      unami.aggregate(unamiFigure(month, 'INJURED', 50 + index)),
    ]),
    desk.aggregate(
      unamiFigure('2018-01', 'KILLED', 10, {
        seriesId: 'desk-estimate',
        publisher: { name: 'a protected desk', kind: 'PARTNER_CONFIDENTIAL' },
        kind: 'STATISTICAL_ESTIMATE',
        area: { code: 'XX9' },
        breakdown: [
          { area: { code: 'IQG15' }, value: exact(7) },
          { area: { code: 'IQ-KI' }, value: exact(8) },
        ],
        coverageExclusions: [{ code: 'IQG01', reason: 'a reason that can be erased' }],
        source: { name: '=Desk', kind: 'NGO', url: 'https://desk.example/1', documentId: 'd-1' },
      }),
    ),
    // A month of one governorate as a figure of its own: a part of the country's.
    unami.aggregate(unamiFigure('2018-05', 'KILLED', 40, { area: { code: 'IQG15' } })),
  ]);
});
afterAll(() => api?.close());

describe('/v1/aggregates', () => {
  it('gives every figure once, page by page, at the position of the first page', async () => {
    const seen: string[] = [];
    let url: string | null = '/v1/aggregates?limit=5';
    let pages = 0;
    for (; url !== null; pages += 1) {
      const page: Json = await api.json(url);
      expect(page.total).toBe(12);
      seen.push(...page.data.map(({ id }: Json) => id));
      url = page.next === null ? null : page.next.slice('http://ledger.example'.length);
      // What is recorded meanwhile is not in it.
      await api.record([unami.aggregate(unamiFigure(`2017-0${pages + 1}`, 'KILLED', 5))]);
    }
    expect([pages, seen.length, new Set(seen).size]).toEqual([3, 12, 12]);
    expect((await api.json('/v1/aggregates')).total).toBe(15);
    await api.record(
      [1, 2, 3].map((month) =>
        unami.aggregateWithdrawal(UNAMI_SERIES, unamiFigure(`2017-0${month}`, 'KILLED', 5).period),
      ),
    );
    expect((await api.json('/v1/aggregates')).total).toBe(12);
  });

  it.each([
    [`series=${UNAMI_SERIES}`, 11],
    [`series=${UNAMI_SERIES},x`, 422],
    ['publisher=unami', 11],
    ['publisher=desk.example', 1],
    ['indicator=INJURED', 5],
    ['statusDefinition=SECURITY_FORCES', 0],
    ['from=2018-02-01&to=2018-03-31', 4],
    ['from=2018-02-02&to=2018-03-31', 2],
    ['region=IQ-KI', 1],
    ['region=Nineveh', 2],
    ['region=IQ', 12],
    ['region=SY', 0],
  ])('finds by %s', async (query, found) => {
    const answer = await api.get(`/v1/aggregates?${query}`);
    expect(answer.statusCode === 200 ? answer.json().total : answer.statusCode).toBe(found);
  });

  it('shows an estimate as one, flags parts above their total, and names a protected publisher by a pseudonym', async () => {
    const { data } = await api.json('/v1/aggregates?series=desk-estimate');
    expect(data[0]).toMatchObject({
      kind: 'STATISTICAL_ESTIMATE',
      area: { code: 'XX9', region: null, name: null },
      unallocated: { lo: -5, hi: -5, flags: ['PARTS_EXCEED_TOTAL'] },
      publisher: { name: expect.stringMatching(/^pseudonym:/), kind: 'PARTNER_CONFIDENTIAL' },
      url: 'https://desk.example/1',
      documentId: 'd-1',
      withheld: 1,
      coverageExclusions: [{ area: { code: 'IQG01', region: 'IQ-AN' }, reason: 'a reason that can be erased' }],
    });
    expect(JSON.stringify(data)).not.toContain('a protected desk');
  });

  it('says what was erased, at once and in every cache', async () => {
    const url = '/v1/aggregates?series=desk-estimate&asOf=20';
    const before = await api.get(url);
    expect(before.headers['cache-control']).toBe('no-cache');
    const tag = { 'if-none-match': String(before.headers['etag']) };
    expect((await api.get(url, tag)).statusCode).toBe(304);
    const { eventId } = before.json().data[0];
    await api.projection.log.owner.query('DELETE FROM vault.key WHERE key_id = $1', [eventId]);
    const after = await api.get(url, tag);
    expect(after.statusCode).toBe(200);
    expect(after.json().data[0]).toMatchObject({
      url: null,
      withheld: 0,
      erased: ['/coverageExclusions/0/reason', '/publisher/name', '/source/documentId', '/source/url'],
      coverageExclusions: [{ reason: null }],
    });
  });

  it('writes CSV in the long form, with hashtags on demand, and one figure a line', async () => {
    const csv = await api.get('/v1/aggregates?series=desk-estimate&format=csv&bom=true&hxl=true');
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    const lines = csv.body.split('\r\n');
    expect(lines[0]).toMatch(/^\uFEFFseries,source,publisher,kind,indicator,/);
    expect(lines[1]).toMatch(/^#meta\+series,/);
    expect(lines.slice(2, -1).map((line) => line.split(',')[8])).toEqual(['TOTAL', 'AREA', 'AREA', 'UNALLOCATED']);
    const answer = await api.json('/v1/aggregates');
    const ndjson = await api.get('/v1/aggregates', { accept: 'application/x-ndjson' });
    expect(
      ndjson.body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(answer.data.map((row: Json) => ({ ...row, publishedUntil: null, asOf: answer.asOf })));
  });

  it.each([
    ['colour=red', 400, 'UNKNOWN_PARAMETER'],
    ['publishedUntil=2018-02-30', 400, 'INVALID_PARAMETER'],
    ['indicator=killed', 400, 'INVALID_PARAMETER'],
    ['from=2018-02-30', 400, 'INVALID_PARAMETER'],
    ['from=2018-03-01&to=2018-02-01', 400, 'INVALID_PARAMETER'],
    ['limit=0', 400, 'INVALID_PARAMETER'],
    ['cursor=abc', 400, 'BAD_CURSOR'],
    ['series=nothing', 422, 'UNKNOWN_SERIES'],
    ['publisher=nobody', 422, 'UNKNOWN_PUBLISHER'],
    ['region=Atlantis', 422, 'UNKNOWN_REGION'],
    ['boundary=other', 422, 'UNKNOWN_BOUNDARY'],
    ['asOf=99999', 422, 'AS_OF_OUT_OF_RANGE'],
  ])('answers %s with %i %s', async (query, status, code) => {
    const answer = await api.get(`/v1/aggregates?${query}`);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });
});

describe('/v1/reconciliation', () => {
  const url = `/v1/reconciliation?series=${UNAMI_SERIES}`;

  it('takes figures of areas within the whole as its parts', async () => {
    const { data } = await api.json(`${url}&period=2018-05&indicator=KILLED`);
    expect(data).toHaveLength(1);
    expect(data[0].official).toMatchObject({ lo: 96, allocated: { lo: 40, hi: 40 }, unallocated: { lo: 56, hi: 56 } });
    expect(data[0].areas).toMatchObject([{ area: { code: 'IQG15', region: 'IQ-NI' }, official: { lo: 40 } }]);
  });

  it('with nothing recorded has the whole as residual, and no point without an estimator', async () => {
    const { data, estimator } = await api.json(`${url}&period=2018-05&indicator=INJURED`);
    expect(estimator).toBeNull();
    expect(data[0].recorded).toMatchObject({ incidents: 0, together: { lo: 0, hi: 0, point: null } });
    expect(data[0].residual).toEqual({ lo: 54, hi: 54, point: null });
  });

  it('names an area that the boundary set does not know, beside which nothing is recorded', async () => {
    const { data } = await api.json('/v1/reconciliation?series=desk-estimate&period=2018-01');
    const codes = data[0].differences.map(({ code }: Json) => code);
    expect(codes).toEqual(expect.arrayContaining(['STATISTICAL_ESTIMATE', 'COVERAGE_EXCLUSION']));
    const boundaries = data[0].differences.find(({ code }: Json) => code === 'AREA_BOUNDARIES');
    expect(boundaries.areas).toEqual(['XX9']);
  });

  it('writes CSV, and one comparison a line', async () => {
    const csv = await api.get(`${url}&period=2018-05&format=csv`);
    expect(csv.body.split('\r\n').map((line) => line.split(',')[7])).toEqual([
      'part',
      'AREA',
      'NOT_ALLOCATED',
      'TOTAL',
      'NOT_ALLOCATED',
      'TOTAL',
      undefined,
    ]);
    const ndjson = await api.get(`${url}&period=2018-05&format=ndjson`);
    expect(ndjson.body.trim().split('\n')).toHaveLength(2);
  });

  it.each([
    ['period=2018-05', 400, 'INVALID_PARAMETER'],
    [`series=${UNAMI_SERIES}`, 400, 'INVALID_PARAMETER'],
    [`series=${UNAMI_SERIES}&period=2018-13`, 400, 'INVALID_PARAMETER'],
    [`series=${UNAMI_SERIES}&period=2018-05&policeNonCombat=maybe`, 400, 'INVALID_PARAMETER'],
    [`series=${UNAMI_SERIES}&period=2018-05&region=IQ`, 400, 'UNKNOWN_PARAMETER'],
    [`series=${UNAMI_SERIES}&period=2018-05&publishedUntil=9`, 400, 'INVALID_PARAMETER'],
    [`series=${UNAMI_SERIES}&period=2018-09`, 404, 'AGGREGATE_NOT_FOUND'],
    ['series=nothing&period=2018-05', 422, 'UNKNOWN_SERIES'],
    [`series=${UNAMI_SERIES}&period=2018-05&publisher=nobody`, 422, 'UNKNOWN_PUBLISHER'],
  ])('answers %s with %i %s', async (query, status, code) => {
    const answer = await api.get(`/v1/reconciliation?${query}`);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });
});

describe('the document', () => {
  it('has the routes with their formats', async () => {
    const { paths } = await api.json('/openapi.json');
    for (const route of ['/v1/aggregates', '/v1/trends', '/v1/sites', '/v1/reconciliation']) {
      const types = Object.keys(paths[route].get.responses['200'].content);
      expect([route, types]).toEqual([route, ['application/json', 'text/csv', 'application/x-ndjson']]);
    }
  });
});

describe('the projection', () => {
  it('rebuilt from the log has the same records', async () => {
    const before = await digestsOf(api.projection.pool);
    await rebuild({ pool: api.projection.pool });
    expect(await digestsOf(api.projection.pool)).toEqual(before);
    expect((await api.json('/v1/aggregates')).total).toBe(12);
  });
});
