import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { rebuild } from '#app/read-models';
import { openCheckpoint } from '#app/transparency';
import {
  IncidentStory,
  randomEvents,
  randomOf,
  startProjection,
  type TestProjection,
} from '../support/incident-story.js';
import { policy2 } from '../support/decision-story.js';
import { testNotary, type TestNotary, tilesFolder } from '../support/notary.js';
import { asOwner } from '../support/owner.js';
import { type Json, startQueryApi, type TestQueryApi } from '../support/query-api.js';

jest.setTimeout(120_000);

const KILLED = '/v1/casualties?region=IQ&measure=KILLED&estimator=median';
const sha256 = (bytes: string | Buffer): Buffer => createHash('sha256').update(bytes).digest();

let projection: TestProjection;
let story: IncidentStory;
let notary: TestNotary;
let api: TestQueryApi;

beforeAll(async () => {
  projection = await startProjection();
  api = await startQueryApi(projection);
  story = new IncidentStory(projection.log);
  notary = testNotary({ url: projection.log.url, folder: tilesFolder() });
  await api.record(randomEvents(story, randomOf(5), 200));
  const killed = { measure: 'KILLED' as const, value: { qualifier: 'VAGUE' as const, phrase: 'dozens' } };
  await record(story.report({ incident: 500, reportId: 'vague', casualties: [killed] }));
});
afterAll(async () => {
  await notary?.close();
  await api?.close();
  await projection?.close();
});

/** Records, projects and signs. */
async function record(...events: Parameters<TestQueryApi['record']>[0]): Promise<void> {
  await api.record(events);
  await notary.publishAll();
}

function post(query: unknown): ReturnType<TestQueryApi['get']> {
  return api.app.inject({
    method: 'POST',
    url: '/v1/citations',
    headers: { host: 'ledger.example', 'content-type': 'application/json' },
    payload: JSON.stringify({ query }),
  });
}

async function cite(query: string): Promise<Json> {
  const answer = await post(query);
  if (answer.statusCode !== 201 && answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${answer.body}`);
  return answer.json();
}

/** Everything that a reader of a citation gets, as bytes. */
async function resolved(id: string): Promise<Buffer[]> {
  const [whole, result] = await Promise.all([api.get(`/v1/citations/${id}`), api.get(`/v1/citations/${id}/result`)]);
  expect([whole.statusCode, result.statusCode]).toEqual([200, 200]);
  return [whole.rawPayload, result.rawPayload];
}

describe('a citation', () => {
  it('keeps the answer that readers get, pins its query, and commits to both in its id', async () => {
    const made = await post(KILLED);
    expect(made.statusCode).toBe(201);
    const citation = made.json();
    const { position } = citation.asOf;
    expect(made.headers['location']).toBe(`/v1/citations/${citation.id}`);
    expect(citation.query).toBe(
      `/v1/casualties?asOf=${position}&boundary=iso-3166&estimator=median&format=json&measure=KILLED&region=IQ`,
    );
    const reader = await api.get(citation.query);
    expect(citation.result).toBe(reader.body);
    expect(citation.asOf).toEqual(reader.json().asOf);
    expect(citation.digest).toBe(sha256(reader.rawPayload).toString('hex'));
    expect(citation.id).toBe(sha256(citation.commitment).subarray(0, 16).toString('base64url'));
    const { id: _id, result: _result, commitment, checkpoint: _checkpoint, citedAt: _citedAt, ...committed } = citation;
    expect(JSON.parse(commitment)).toEqual(committed);
    const raw = await api.get(`/v1/citations/${citation.id}/result`);
    expect([raw.headers['content-type'], raw.body]).toEqual([reader.headers['content-type'], reader.body]);
    expect((await api.get(`/v1/citations/${citation.id}`)).body).toBe(made.body);
  });

  it('carries the first published checkpoint that covers its position', async () => {
    const before = await cite(`${KILLED}&asOf=150`);
    const { rows } = await projection.log.owner.query<{ note: string }>(
      'SELECT note FROM notary.checkpoint WHERE size > 150 AND published_at IS NOT NULL ORDER BY size LIMIT 1',
    );
    expect(before.checkpoint).toBe(rows[0]?.note);
    const { checkpoint } = openCheckpoint(before.checkpoint, notary.parts.signer.verifiers);
    expect(checkpoint.size).toBeGreaterThan(150);
  });

  it('made again of the same query at the same position is the same one', async () => {
    const one = await post(`${KILLED}&asOf=100`);
    const again = await post('/v1/casualties?asOf=100&estimator=median&boundary=iso-3166&measure=KILLED&region=IQ');
    expect([one.statusCode, again.statusCode]).toEqual([201, 200]);
    expect(again.body).toBe(one.body);
    const [first, second] = await Promise.all([post(`${KILLED}&asOf=101`), post(`${KILLED}&asOf=101`)]);
    expect(new Set([first?.statusCode, second?.statusCode])).toEqual(new Set([200, 201]));
    expect(first?.body).toBe(second?.body);
  });

  it('keeps CSV as it is sent', async () => {
    const { id, query, mediaType, asOf } = await cite('/v1/activity?interval=month&format=csv&bom=true&hxl=true');
    const reader = await api.get(query);
    const raw = await api.get(`/v1/citations/${id}/result`);
    expect(raw.rawPayload.equals(reader.rawPayload)).toBe(true);
    expect([mediaType, raw.headers['content-type']]).toEqual(['text/csv; charset=utf-8', 'text/csv; charset=utf-8']);
    expect(asOf).toMatchObject({ projection: expect.any(Number), policy: 1, boundary: 'iso-3166' });
  });

  it('may be kept by caches for ever, and is not sent twice to who has it', async () => {
    const { id } = await cite(KILLED);
    for (const path of [`/v1/citations/${id}`, `/v1/citations/${id}/result`]) {
      const { headers } = await api.get(path);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      const again = await api.get(path, { 'if-none-match': String(headers['etag']) });
      expect([again.statusCode, again.body]).toEqual([304, '']);
    }
  });
});

describe('what a citation resolves to stays the same, byte by byte,', () => {
  let id: string;
  let cited: Buffer[];
  beforeAll(async () => {
    ({ id } = await cite(KILLED));
    cited = await resolved(id);
  });

  it('after more events', async () => {
    await record(...randomEvents(story, randomOf(6), 100));
    expect(await resolved(id)).toEqual(cited);
  });

  it('after another policy and a new generation of the figures became live, which answer otherwise', async () => {
    const { query, result } = JSON.parse(String(cited[0])) as { query: string; result: string };
    await record(story.decision('ConversionPolicyActivated', { name: '2', sha256: 'd'.repeat(64), policy: policy2 }));
    await rebuild({ pool: projection.pool, policyOverride: 2 });
    expect((await api.get(query)).body).not.toBe(result);
    expect(await resolved(id)).toEqual(cited);
  });

  it('after the figures say something else at its position, which is then cited under another id', async () => {
    const { query } = JSON.parse(String(cited[0])) as { query: string };
    const { rows } = await projection.log.owner.query<{ name: string }>(
      "SELECT 'read_model.posting_' || generation AS name FROM read_model.generation WHERE status = 'LIVE'",
    );
    await projection.log.owner.query(`UPDATE ${rows[0]?.name} SET d_lo = d_lo + 1 WHERE d_lo IS NOT NULL`);
    const other = await cite(query);
    expect(other.query).toBe(query);
    expect(other.id).not.toBe(id);
    expect(await resolved(id)).toEqual(cited);
  });

  it('after a restart', async () => {
    await api.close();
    api = await startQueryApi(projection);
    expect(await resolved(id)).toEqual(cited);
  });
});

describe('a citation is refused', () => {
  it.each([
    ['/v1/incidents', 422, 'NOT_CITABLE'],
    ['/v1/aggregates', 422, 'NOT_CITABLE'],
    ['/v1/citations/AAAAAAAAAAAAAAAAAAAAAA', 422, 'NOT_CITABLE'],
    ['/v1/casualties/', 422, 'NOT_CITABLE'],
    ['/v1/casualties?cursor=abc', 422, 'NOT_CITABLE'],
    ['/v1/casualties?groupBy=day&limit=1', 422, 'NOT_CITABLE'],
    ['/v1/casualties?actor=Somebody%20who%20is%20in%20no%20report', 422, 'NOT_CITABLE'],
    ['//elsewhere.example/v1/casualties', 400, 'INVALID_BODY'],
    ['http://ledger.example/v1/casualties', 400, 'INVALID_BODY'],
    ['/v1/casualties#total', 400, 'INVALID_BODY'],
    ['', 400, 'INVALID_BODY'],
    [7, 400, 'INVALID_BODY'],
    ['/v1/casualties?asOf=1&asOf=2', 400, 'INVALID_PARAMETER'],
    ['/v1/casualties?colour=red', 400, 'UNKNOWN_PARAMETER'],
    ['/v1/casualties?region=Atlantis', 422, 'UNKNOWN_REGION'],
    ['/v1/casualties?asOf=999999', 422, 'AS_OF_OUT_OF_RANGE'],
    ['/v1/casualties?boundary=other', 422, 'UNKNOWN_BOUNDARY'],
  ])('%j: %i %s', async (query, status, code) => {
    const answer = await post(query);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  it('until a checkpoint covers its position, and nothing is kept then', async () => {
    const count = async (): Promise<number> =>
      (await projection.log.owner.query('SELECT count(*)::int AS n FROM citation.citation')).rows[0].n;
    const before = await count();
    await api.record([story.report({ incident: 700, reportId: 'late' })]);
    const early = await post(KILLED);
    expect([early.statusCode, early.json().code, early.headers['retry-after']]).toEqual([
      503,
      'CHECKPOINT_PENDING',
      '2',
    ]);
    expect(await count()).toBe(before);
    // One that comes while the answer waits is enough.
    const waiting = post(KILLED);
    await notary.publishAll();
    expect((await waiting).statusCode).toBe(201);
  });

  it('when its answer is longer than what is kept', async () => {
    const first = Date.parse('2000-01-01T00:00:00Z');
    const days = Array.from({ length: 1_500 }, (_, day) => new Date(first + day * 86_400_000).toISOString());
    await record(
      ...days.map((day, n) =>
        story.report({ incident: 2_000 + n, reportId: `day-${n}`, date: day.slice(0, 10), country: 'YE' }),
      ),
    );
    const large = await post('/v1/casualties?region=YE&groupBy=day&limit=10000');
    expect([large.statusCode, large.json().code]).toEqual([422, 'CITATION_TOO_LARGE']);
    expect((await post('/v1/casualties?region=YE&groupBy=day&limit=10000&measure=KILLED')).statusCode).toBe(201);
  });

  it('where there is none', async () => {
    for (const id of ['AAAAAAAAAAAAAAAAAAAAAA', 'short', '..%2f']) {
      const answer = await api.get(`/v1/citations/${id}`);
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'CITATION_NOT_FOUND']);
    }
  });
});

describe('the table of citations', () => {
  it('takes no change: by grant from query-api, by trigger from a superuser', async () => {
    const statements = [
      'UPDATE citation.citation SET commitment = commitment',
      'DELETE FROM citation.citation',
      'TRUNCATE citation.citation',
    ];
    await cite(KILLED);
    for (const statement of statements) {
      const asQuery = projection.log.owner.query(`SET ROLE ledger_query; ${statement}`);
      await expect(asQuery).rejects.toMatchObject({ code: '42501' });
      await projection.log.owner.query('RESET ROLE');
      await expect(projection.log.owner.query(statement)).rejects.toMatchObject({ code: '23001' });
    }
  });

  it.each([
    ['its answer', `result = convert_to(replace(convert_from(result, 'UTF8'), '"lo":', '"lo":1'), 'UTF8')`],
    ['what it says that it answers', `commitment = replace(commitment, 'region=IQ', 'region=SY')`],
    ['its id', `citation_id = reverse(citation_id)`],
    ['its checkpoint', `checkpoint = replace(checkpoint, E'/log\\n', E'/log\\n1')`],
    ['its checkpoint by an earlier one', `checkpoint = (SELECT note FROM notary.checkpoint ORDER BY size LIMIT 1)`],
  ])('a citation is not shown any more once the owner of the database has changed %s', async (what, change) => {
    await record(story.report({ incident: 800, reportId: `tampered ${what}` }));
    const { id } = await cite(KILLED);
    await asOwner(projection.log.owner, async (tx) => {
      await tx.query(`UPDATE citation.citation SET ${change} WHERE citation_id = $1`, [id]);
    });
    const shown = what === 'its id' ? [...id].toReversed().join('') : id;
    for (const path of [`/v1/citations/${shown}`, `/v1/citations/${shown}/result`]) {
      const answer = await api.get(path);
      expect([answer.statusCode, answer.json().code]).toEqual([500, 'CITATION_DAMAGED']);
      expect(answer.json().detail).toContain(shown);
    }
  });
});
