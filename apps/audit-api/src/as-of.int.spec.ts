import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startAuditApi, type TestAuditApi } from '../../../test/support/audit-api.js';
import { DecisionStory } from '../../../test/support/decision-story.js';
import { IncidentStory, randomOf, startProjection, type TestProjection } from '../../../test/support/incident-story.js';
import { projectAll } from '../../../test/support/project-all.js';
import { tilesFolder } from '../../../test/support/notary.js';
import { type Json, startQueryApi, type TestQueryApi } from '../../../test/support/query-api.js';

jest.setTimeout(120_000);

const SNAPSHOT = 'after-the-first-part';
const REJECTION = '018f0000-0000-7000-8000-000000000001';
const DISCARDED = '018f0000-0000-7000-8000-000000000002';
const refusal = { on: [REJECTION], id: '018f0000-0000-7000-8000-000000000003' };
/** What ingest writes beside a ReportRejected and a RejectionDiscarded. */
const REFUSED = `
  WITH at AS (
    INSERT INTO ledger.kafka_cursor (cluster, topic, partition, consumer_group, next_offset)
    VALUES ('test', 'conflict.reports.v1', 0, 'ingest', 1) RETURNING cursor_id),
  stored AS (
    INSERT INTO ledger.rejection
      (rejection_id, event_id, cursor_id, source_offset, stage, code, problems, message_bytes, key_id, box)
    SELECT $1::uuid, $2::uuid, cursor_id, 0, 'decode', 'NOT_JSON', '[]', 1, $2::uuid, '\\x00' FROM at)
  INSERT INTO ledger.rejection_resolution VALUES ($1::uuid, 'DISCARDED', $3::uuid)`;

let projection: TestProjection;
let api: TestQueryApi;
let audit: TestAuditApi;
let sealed: number;
let head: number;
let incident: string;
beforeAll(async () => {
  projection = await startProjection();
  const { log } = projection;
  const story = new IncidentStory(log);
  const told = new DecisionStory(story, randomOf(21));
  await log.append([story.report({ incident: 900, reportId: 'first', date: '2018-11-01' })]);
  await pause();
  sealed = await log.append([story.decision('SnapshotSealed', { name: SNAPSHOT, projection: 2 })]);
  await pause();
  await log.append([story.report({ incident: 900, reportId: 'second', outlet: 'Other', date: '2018-11-01' })]);
  await log.append(told.events(60));
  incident = story.id(900);
  await log.append([
    story.decision(
      'ReportRejected',
      { rejection: REJECTION, stage: 'decode', code: 'NOT_JSON', problems: [] },
      refusal,
    ),
    story.decision('RejectionDiscarded', { rejection: REJECTION }, { on: [REJECTION], id: DISCARDED }),
  ]);
  await log.owner.query(REFUSED, [REJECTION, refusal.id, DISCARDED]);
  head = (await projectAll(projection.pool)).position;
  api = await startQueryApi(projection);
  audit = await startAuditApi({ url: log.url, tiles: tilesFolder() });
});
afterAll(async () => {
  await audit.close();
  await api.close();
  await projection.close();
});

/** So that positions have moments of their own. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

const get: TestAuditApi['get'] = (url) => audit.get(url);
const json: TestAuditApi['json'] = (url) => audit.json(url);

describe('asOf in the audit API', () => {
  it('is the position, the moment or the snapshot that the query API takes it for', async () => {
    const { asOf } = await json(`/v1/events?asOf=${sealed}&limit=1`);
    for (const text of ['0', '3', String(sealed), SNAPSHOT, asOf.recordedAt, String(head)]) {
      const asked = encodeURIComponent(text);
      const shown = (await json(`/v1/events?asOf=${asked}&limit=1`)).asOf;
      const query = (await api.json(`/v1/casualties?asOf=${asked}`)).asOf;
      expect([text, shown]).toEqual([text, query]);
    }
    expect((await json('/v1/events?limit=1')).asOf.position).toBe(head);
  });

  it('of every moment is the last position recorded by then', async () => {
    const { data } = await json('/v1/events?limit=1000');
    for (const { recordedAt } of data as Json[]) {
      const last = (data as Json[]).findLast((leaf) => leaf.recordedAt <= recordedAt);
      expect((await json(`/v1/events?limit=1&asOf=${recordedAt}`)).asOf).toMatchObject({
        position: last.position,
        recordedAt: last.recordedAt,
      });
    }
  });

  it('beyond the log, before it and of no snapshot is refused', async () => {
    const paths = [
      '/v1/events',
      '/v1/events/0',
      `/v1/incidents/${incident}/history`,
      '/v1/rejections',
      `/v1/rejections/${incident}`,
    ];
    for (const path of paths) {
      for (const asOf of [head + 1, '2999-01-01T00:00:00Z', '2018-11-09', 'no-such-snapshot']) {
        const { statusCode, json: body } = await get(`${path}?asOf=${asOf}`);
        expect([path, asOf, statusCode, body().code]).toEqual([path, asOf, 422, 'AS_OF_OUT_OF_RANGE']);
      }
      const refused = await get(`${path}?asOf=Yesterday`);
      expect([path, refused.statusCode, refused.json().code]).toEqual([path, 400, 'INVALID_PARAMETER']);
    }
  });
});

describe('events', () => {
  it('come up to the position, in pages, as lines and one by one', async () => {
    const asked = `asOf=${SNAPSHOT}`;
    const first = await json(`/v1/events?${asked}&limit=3`);
    expect(first.total).toBe(sealed + 1);
    const positions = first.data.map(({ position }: Json) => position) as number[];
    for (let { next } = first; next !== null; ) {
      const page = await json(next.replace('http://ledger.example', ''));
      expect(page.asOf).toEqual(first.asOf);
      positions.push(...page.data.map(({ position }: Json) => position));
      ({ next } = page);
    }
    expect(positions).toEqual(Array.from({ length: sealed + 1 }, (_, position) => position));
    expect((await get(`/v1/events?${asked}&format=ndjson`)).body.trimEnd().split('\n')).toHaveLength(sealed + 1);
    expect((await json(`/v1/events/${sealed}?${asked}`)).asOf.position).toBe(sealed);
    expect((await get(`/v1/events/${sealed + 1}?${asked}`)).statusCode).toBe(404);
  });
});

describe('a history', () => {
  it('is what was known then, and begins as the one of now does', async () => {
    const now = await json(`/v1/incidents/${incident}/history`);
    const then = await json(`/v1/incidents/${incident}/history?asOf=${SNAPSHOT}`);
    expect(then.asOf.position).toBe(sealed);
    expect(then.data).toEqual(now.data.filter(({ position }: Json) => position <= sealed));
    expect([then.total, now.total > then.total]).toEqual([1, true]);
    const before = await get(`/v1/incidents/${incident}/history?asOf=3`);
    expect([before.statusCode, before.json().code]).toEqual([404, 'INCIDENT_NOT_FOUND']);
  });
});

describe('rejections', () => {
  it('are those that had been refused by then, with the status of then', async () => {
    const shown = async (asOf: number): Promise<Json[]> => {
      const { data, total } = await json(`/v1/rejections?asOf=${asOf}`);
      expect(total).toBe(data.length);
      return data.map(({ id, status }: Json) => [id, status]);
    };
    expect(await shown(head)).toEqual([[REJECTION, 'DISCARDED']]);
    expect(await shown(head - 1)).toEqual([[REJECTION, 'OPEN']]);
    expect(await shown(head - 2)).toEqual([]);
    expect((await json(`/v1/rejections?asOf=${head - 1}&status=OPEN`)).total).toBe(1);
    expect(await json(`/v1/rejections/${REJECTION}?asOf=${head - 1}`)).toMatchObject({
      status: 'OPEN',
      asOf: { position: head - 1 },
    });
    expect((await get(`/v1/rejections/${REJECTION}?asOf=${head - 2}`)).statusCode).toBe(404);
    expect(await json(`/v1/rejections/${REJECTION}`)).toMatchObject({ status: 'DISCARDED', asOf: { position: head } });
  });
});
