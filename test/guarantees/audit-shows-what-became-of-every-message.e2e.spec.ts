import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { eventually } from '../support/eventually.js';
import { untilIngested } from '../support/ingest-facts.js';
import { cloudEvent, PUBLISHER, report } from '../support/ingest-messages.js';
import { produce, type RawMessage, REPORTS_TOPIC } from '../support/kafka.js';
import { startSystem, type TestSystem } from '../support/system.js';

const STRANGER = 'https://stranger.example';
const NO_UUID = '00000000-0000-4000-8000-000000000000';

interface Delivery {
  topic: string;
  partition: number;
  offset: number;
  status: string;
  position: number | null;
  eventId: string | null;
  rejection: string | null;
  code: string | null;
}
interface Rejection {
  id: string;
  status: string;
  position: number;
  code: string;
  offset: number;
  ceId: string | null;
  problems: { pointer: string; code: string }[];
}
interface Page<T> {
  data: T[];
  next: string | null;
  total: number;
  asOf: { position: number };
}
interface Pages<T> {
  rows: T[];
  total: number;
  head: number;
}
interface Leaf {
  position: number;
  type: string;
  stream: string;
  recordedAt: string;
  source: { ceId: string } | null;
}

/** Told to partition 0 in this order: the index is the offset. */
const TOLD: readonly RawMessage[] = [
  report({ id: 'good', reportId: 'good', ref: 'i-1' }),
  report({ id: 'good', reportId: 'good', ref: 'i-1' }),
  report({ id: 'bad', reportId: 'bad', data: { nonsense: 1, publishedAt: 'yesterday' } }),
  { value: 'this is no JSON', headers: { 'content-type': 'application/cloudevents+json' } },
  { ...report({ id: 'strange', reportId: 'strange', ref: 'i-2' }) },
  report({ id: 'late-3', reportId: 'late', revision: 3, ref: 'i-3', killed: 7 }),
  report({ id: 'late-2', reportId: 'late', revision: 2, ref: 'i-3', killed: 5 }),
  cloudEvent(
    'org.conflictledger.report-withdrawn.v1',
    { reportId: 'late', incident: { ref: 'i-3' }, reason: 'wrong' },
    { id: 'late-withdrawn' },
  ),
  report({ id: 'late-4', reportId: 'late', revision: 4, ref: 'i-3', killed: 9 }),
  report({ id: 'bad-2', reportId: 'bad-2', data: { nonsense: 2 } }),
].map((message) => ({ ...message, partition: 0 }));

describe('audit-api', () => {
  let system: TestSystem;
  const ingested = (): Promise<void> =>
    untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(path.startsWith('http') ? path : system.app('audit-api').url + path, init);

  async function get<T>(path: string, status = 200): Promise<T> {
    const answer = await ask(path);
    const body = (await answer.json()) as T;
    expect({ path, status: answer.status, body }).toMatchObject({ path, status });
    return body;
  }
  const delivery = (offset: number): Promise<Delivery> => get(`/v1/deliveries/${REPORTS_TOPIC}/0/${offset}`);
  const rejections = async (query = ''): Promise<Rejection[]> =>
    (await get<Page<Rejection>>(`/v1/rejections?${query}`)).data;
  async function rejectionOf(ceId: string): Promise<Rejection> {
    const found = (await rejections()).findLast((one) => one.ceId === ceId);
    if (found === undefined) throw new Error(`${ceId} was not refused`);
    return found;
  }
  const resolve = (id: string, action: 'requeue' | 'discard', body: unknown): Promise<Response> =>
    ask(`/v1/rejections/${id}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  beforeAll(async () => {
    const strange = { ...JSON.parse(String(TOLD[4]?.value)), source: STRANGER } as object;
    const messages = TOLD.map((message, offset) =>
      offset === 4 ? { ...message, value: JSON.stringify(strange) } : message,
    );
    const sources = `${REPORTS_TOPIC}=${PUBLISHER};conflict.decisions.v1=*`;
    system = await startSystem({ apps: ['ingest', 'audit-api'], env: { LEDGER_TOPIC_SOURCES: sources } });
    await produce(messages, system.brokers);
    await ingested();
  }, 90_000);
  afterAll(() => system.stop(), 60_000);

  describe('deliveries', () => {
    it('tell the fate of the message at each offset', async () => {
      const fates = await Promise.all(TOLD.map((_, offset) => delivery(offset)));
      expect(fates.map(({ offset, status, code }) => [offset, status, code])).toEqual([
        [0, 'RECORDED', null],
        [1, 'DUPLICATE', null],
        [2, 'REJECTED', 'DATA_INVALID'],
        [3, 'REJECTED', 'NOT_JSON'],
        [4, 'REJECTED', 'SOURCE_NOT_ALLOWED'],
        [5, 'RECORDED', null],
        [6, 'RECORDED', null],
        [7, 'RECORDED', null],
        [8, 'RECORDED', null],
        [9, 'REJECTED', 'UNKNOWN_FIELD'],
      ]);
      expect(fates[1]).toMatchObject({ position: fates[0]?.position, eventId: fates[0]?.eventId });
      for (const { position, eventId, offset } of fates) {
        const { event } = await get<{ event: { id: string; source: { offset: number } } }>(`/v1/events/${position}`);
        expect(event.id).toBe(eventId);
        expect(event.source.offset).toBe(offset === 1 ? 0 : offset);
      }
    });

    it('are told of topics that are read only: the place of the notices in the log is none in Kafka', async () => {
      await eventually('the notices have a place', async () => {
        const { rowCount } = await system.pool.query(
          "SELECT FROM ledger.kafka_cursor WHERE topic = 'conflict.reports.v1.rejected' AND next_offset > 0",
        );
        return rowCount === 1;
      });
      await get('/v1/deliveries/conflict.reports.v1.rejected/0/1000000', 404);
      // Another process may have put a row of that group beside the one of the partition that it reads.
      await system.pool.query(
        `INSERT INTO ledger.kafka_cursor (cluster, topic, partition, consumer_group, next_offset, updated_at)
         VALUES ('any', $1, 0, 'rejection-notices', 0, now() + interval '1 hour')`,
        [REPORTS_TOPIC],
      );
      expect(await delivery(0)).toMatchObject({ status: 'RECORDED' });
    });

    it('tell of every delivery of one CloudEvent', async () => {
      const of = (source: string, id: string): Promise<Page<Delivery>> =>
        get(`/v1/deliveries?source=${encodeURIComponent(source)}&id=${id}`);
      const good = await of(PUBLISHER, 'good');
      expect(good.data.map(({ offset, status }) => [offset, status])).toEqual([
        [0, 'RECORDED'],
        [1, 'DUPLICATE'],
      ]);
      const strange = await of(STRANGER, 'strange');
      expect(strange.data).toMatchObject([{ offset: 4, status: 'REJECTED', code: 'SOURCE_NOT_ALLOWED' }]);
      expect(strange.data[0]?.rejection).toBe((await rejectionOf('strange')).id);
      await get(`/v1/deliveries?source=${encodeURIComponent(PUBLISHER)}&id=strange`, 404);
      await get(`/v1/deliveries?source=${encodeURIComponent(PUBLISHER)}`, 400);
    });

    it('are pending while ingest has not read them, in a partition that it never read as well', async () => {
      expect(await delivery(TOLD.length)).toMatchObject({ status: 'PENDING', position: null, eventId: null });
      expect(await get(`/v1/deliveries/${REPORTS_TOPIC}/3/0`)).toMatchObject({ status: 'PENDING' });
      await get('/v1/deliveries/no-topic-of-ours/0/0', 404);
    });

    it('are a table as well', async () => {
      const at = await table(`/v1/deliveries/${REPORTS_TOPIC}/0/2?format=csv`);
      expect(at).toMatchObject([{ topic: REPORTS_TOPIC, offset: '2', status: 'REJECTED', code: 'DATA_INVALID' }]);
      const of = await table(`/v1/deliveries?source=${encodeURIComponent(PUBLISHER)}&id=good&format=csv&hxl=true`);
      expect(of.map(({ status }) => status)).toEqual(['#status', 'RECORDED', 'DUPLICATE']);
    });
  });

  describe('rejections', () => {
    it('are listed in the order in which they were refused, with filters', async () => {
      const all = await rejections();
      expect(all.map(({ offset, code, status }) => [offset, code, status])).toEqual([
        [2, 'DATA_INVALID', 'OPEN'],
        [3, 'NOT_JSON', 'OPEN'],
        [4, 'SOURCE_NOT_ALLOWED', 'OPEN'],
        [9, 'UNKNOWN_FIELD', 'OPEN'],
      ]);
      const offsets = async (query: string): Promise<number[]> => (await rejections(query)).map(({ offset }) => offset);
      expect(await offsets('code=NOT_JSON')).toEqual([3]);
      expect(await offsets(`source=${encodeURIComponent(PUBLISHER)}`)).toEqual([2, 9]);
      expect(await offsets(`topic=${REPORTS_TOPIC}`)).toEqual([2, 3, 4, 9]);
      expect(await offsets('topic=conflict.decisions.v1')).toEqual([]);
      expect(await offsets('status=DISCARDED')).toEqual([]);
      await get('/v1/rejections?status=CLOSED', 400);
    });

    it('name every problem with its pointer, and none of the values', async () => {
      const bad = await get<Rejection>(`/v1/rejections/${(await rejectionOf('bad')).id}`);
      expect(bad.problems.map(({ pointer, code }) => [pointer, code])).toEqual(
        expect.arrayContaining([
          ['', 'UNKNOWN_FIELD'],
          ['/publishedAt', expect.any(String)],
        ]),
      );
      expect(JSON.stringify(bad)).not.toContain('yesterday');
      await get(`/v1/rejections/${NO_UUID}`, 404);
      await get('/v1/rejections/one', 400);
    });

    it('come in pages', async () => {
      const { rows, total } = await pages<Rejection>('/v1/rejections?limit=1');
      expect(rows.map(({ offset }) => offset)).toEqual([2, 3, 4, 9]);
      expect(total).toBe(4);
      const first = await get<Page<Rejection>>('/v1/rejections?limit=3');
      const other = new URL(first.next ?? '');
      other.searchParams.set('code', 'NOT_JSON');
      expect(await get(other.href, 400)).toMatchObject({ code: 'BAD_CURSOR' });
    });

    it('are a table as well', async () => {
      const rows = await table('/v1/rejections?format=csv&bom=true&hxl=true');
      expect(rows.map(({ code }) => code)).toEqual([
        '#meta+code',
        'DATA_INVALID',
        'NOT_JSON',
        'SOURCE_NOT_ALLOWED',
        'UNKNOWN_FIELD',
      ]);
      expect(rows[4]?.['problems']).toContain('UNKNOWN_FIELD');
      expect(await table(`/v1/rejections/${(await rejectionOf('bad-2')).id}?format=csv`)).toMatchObject([
        { ce_id: 'bad-2' },
      ]);
    });

    it('are discarded by a decision that goes through Kafka, once', async () => {
      const { id } = await rejectionOf('bad-2');
      const sent = await resolve(id, 'discard', { by: 'Steward One', reason: 'a test of the publisher' });
      expect(sent.status).toBe(202);
      const { status } = (await sent.json()) as { status: string };
      expect(await settled(status)).toMatchObject({ status: 'RECORDED', topic: 'conflict.decisions.v1' });
      expect(await typesOf(id)).toEqual(['ReportRejected', 'RejectionDiscarded']);
      expect((await rejections('status=DISCARDED')).map((one) => one.id)).toEqual([id]);
      const again = await resolve(id, 'requeue', { by: 'Steward Two', reason: 'after all' });
      expect(again.status).toBe(409);
      expect(await again.json()).toMatchObject({ code: 'REJECTION_ALREADY_RESOLVED' });
      expect(await typesOf(id)).toEqual(['ReportRejected', 'RejectionDiscarded']);
    });

    it('are requeued the same way: the message is read again, and its fate is the new one', async () => {
      await system.app('ingest').stop();
      const waiting = await produce(
        [{ ...report({ id: 'waiting', reportId: 'waiting' }), partition: 0 }],
        system.brokers,
      );
      expect(await delivery(waiting[0]?.offset ?? -1)).toMatchObject({ status: 'PENDING' });
      await (await system.start('ingest', { LEDGER_TOPIC_SOURCES: '*' })).waitReady();
      expect(await settled(`/v1/deliveries/${REPORTS_TOPIC}/0/${waiting[0]?.offset}`)).toMatchObject({
        status: 'RECORDED',
      });

      const { id } = await rejectionOf('strange');
      const sent = await resolve(id, 'requeue', { by: 'Steward One', reason: 'the source is known now' });
      expect(sent.status).toBe(202);
      await settled(((await sent.json()) as { status: string }).status);
      expect(await typesOf(id)).toEqual(['ReportRejected', 'RejectionRequeued']);
      expect(await delivery(4)).toMatchObject({ status: 'RECORDED', rejection: null });
      expect(await get(`/v1/rejections/${id}`)).toMatchObject({ status: 'REQUEUED' });
      expect((await resolve(id, 'discard', { by: 'Steward One', reason: 'too late' })).status).toBe(409);
    });

    it('that stay wrong are refused again, as a rejection of its own', async () => {
      const { id } = await rejectionOf('bad');
      const sent = await resolve(id, 'requeue', { by: 'Steward One', reason: 'once more' });
      await settled(((await sent.json()) as { status: string }).status);
      const both = (await rejections(`source=${encodeURIComponent(PUBLISHER)}`)).filter(({ ceId }) => ceId === 'bad');
      expect(both.map(({ status }) => status)).toEqual(['REQUEUED', 'OPEN']);
      expect(await delivery(2)).toMatchObject({ status: 'REJECTED', rejection: both[1]?.id });
      const listed = await get<Page<Delivery>>(`/v1/deliveries?source=${encodeURIComponent(PUBLISHER)}&id=bad`);
      expect(listed.data.map(({ rejection }) => rejection)).toEqual(both.map((one) => one.id));
    });

    it('need someone who decides and a reason', async () => {
      const { id } = await rejectionOf('bad');
      for (const body of [{}, { by: 'x' }, { by: '', reason: 'y' }, { by: 'x', reason: 'y', more: 1 }, [], 'x', null]) {
        const refused = await resolve(id, 'discard', body);
        expect({ body, status: refused.status }).toEqual({ body, status: 400 });
      }
      expect((await resolve(NO_UUID, 'discard', { by: 'x', reason: 'y' })).status).toBe(404);
      expect(await typesOf(id)).toEqual(['ReportRejected']);
    });
  });

  it('shows late revisions in the history as recorded and ignored', async () => {
    const { event } = await get<{ event: Leaf }>(`/v1/events/${(await delivery(5)).position}`);
    const { data } = await get<Page<{ why: string; changes: unknown[]; report: { revision: number | null } }>>(
      `/v1/incidents/${event.stream}/history`,
    );
    expect(data.map(({ report: by, changes }) => [by.revision, changes.length > 0])).toEqual([
      [3, true],
      [2, false],
      [null, true],
      [4, false],
    ]);
    expect(data[1]?.why).toBe('revision 2 of report late came after a higher one: recorded and ignored');
    expect(data[3]?.why).toBe('revision 4 of report late came after its withdrawal: recorded and ignored');
    const lines = await table(`/v1/incidents/${event.stream}/history?format=csv`);
    expect(lines.filter(({ revision }) => revision === '2')).toMatchObject([{ field: '', before: '', after: '' }]);
    await get(`/v1/incidents/${NO_UUID}/history`, 404);
  });

  describe('events', () => {
    it('come in pages that stay whole while others are recorded: none twice, none missing', async () => {
      const write = async (prefix: string, count: number): Promise<void> => {
        const ids = Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
        await produce(
          ids.map((id, i) => report({ id, reportId: id, ref: `w-${i % 50}` })),
          system.brokers,
        );
        await ingested();
      };
      await write('before', 300);
      const { rows, total, head } = await pages<Leaf>('/v1/events?limit=50', () => write('between', 100));
      expect((await get<Page<Leaf>>('/v1/events?limit=1')).total).toBeGreaterThanOrEqual(total + 100);
      expect(total).toBe(head + 1);
      expect(rows.map(({ position }) => position)).toEqual(Array.from({ length: total }, (_, position) => position));
    });

    it('are the same bytes as a page, as a line and one by one', async () => {
      const text = await (await ask('/v1/events?format=ndjson')).text();
      const lines = text.trimEnd().split('\n');
      const page = await (await ask('/v1/events?limit=10000')).text();
      const { rows } = await system.pool.query<{ leaf: string }>('SELECT leaf FROM ledger.event ORDER BY position');
      expect(lines).toEqual(rows.map(({ leaf }) => leaf));
      expect(page.startsWith(`{"data":[${lines.join(',')}],`)).toBe(true);
      for (const position of [0, 5, 6, 7, lines.length - 1]) {
        const one = await get<{ leaf: string; leafHash: string; event: unknown }>(`/v1/events/${position}`);
        expect(one.leaf).toBe(lines[position]);
        expect(one.event).toEqual(JSON.parse(one.leaf));
        const hash = createHash('sha256').update('\0').update(one.leaf).digest('base64');
        expect(one.leafHash).toBe(hash);
      }
      await get(`/v1/events/${lines.length}`, 404);
    });

    it('are filtered by type, stream and moment, in every format', async () => {
      const lines = (await (await ask('/v1/events?format=ndjson')).text()).trimEnd().split('\n');
      const leaves = lines.map((line) => JSON.parse(line) as Leaf);
      const middle = leaves[Math.floor(leaves.length / 2)] as Leaf;
      const stream = leaves.find(({ source }) => source?.ceId === 'late-3')?.stream as string;
      const filters: [string, (leaf: Leaf) => boolean][] = [
        ['type=ReportRejected', ({ type }) => type === 'ReportRejected'],
        [`stream=${stream}`, (leaf) => leaf.stream === stream],
        [`stream=${stream}&type=ReportWithdrawn`, (leaf) => leaf.stream === stream && leaf.type === 'ReportWithdrawn'],
        [`recordedFrom=${middle.recordedAt}`, ({ recordedAt }) => recordedAt >= middle.recordedAt],
        [
          `recordedFrom=${middle.recordedAt}&type=ReportRecorded`,
          ({ recordedAt, type }) => recordedAt >= middle.recordedAt && type === 'ReportRecorded',
        ],
        ['from=7&type=ReportRecorded', ({ position, type }) => position >= 7 && type === 'ReportRecorded'],
        ['recordedFrom=2999-01-01T00:00:00Z', () => false],
      ];
      for (const [query, holds] of filters) {
        const expected = lines.filter((_, index) => holds(leaves[index] as Leaf));
        const { rows, total } = await pages<Leaf>(`/v1/events?${query}&limit=400`);
        expect({ query, total }).toEqual({ query, total: expected.length });
        expect(rows).toEqual(expected.map((line) => JSON.parse(line) as unknown));
        const text = await (await ask(`/v1/events?${query}&format=ndjson`)).text();
        expect(text).toBe(expected.map((line) => `${line}\n`).join(''));
        const cells = await table(`/v1/events?${query}&format=csv&limit=10000`);
        expect(cells.map(({ leaf }) => leaf)).toEqual(expected);
      }
      expect(await (await ask('/v1/events?format=ndjson&from=3&limit=2')).text()).toBe(`${lines[3]}\n${lines[4]}\n`);
    });

    it('refuse what they do not know', async () => {
      for (const query of [
        'type=Nothing',
        'stream=1',
        'recordedFrom=today',
        'from=-1',
        'limit=0',
        'format=xml',
        'x=1',
      ]) {
        await get(`/v1/events?${query}`, 400);
      }
      expect(await get('/v1/events?cursor=nonsense', 400)).toMatchObject({ code: 'BAD_CURSOR' });
    });
  });

  /** Waits until ingest has dealt with the message that a status link points at. */
  async function settled(status: string): Promise<Delivery> {
    return eventually('the message is dealt with', async () => {
      const found = await get<Delivery>(status);
      return found.status === 'PENDING' ? null : found;
    });
  }

  const typesOf = async (stream: string): Promise<string[]> =>
    (await get<Page<Leaf>>(`/v1/events?stream=${stream}`)).data.map(({ type }) => type);

  /** Follows `next` to the end; every page must say the same total and the same head. `meanwhile` happens after the first. */
  async function pages<T>(path: string, meanwhile = (): Promise<void> => Promise.resolve()): Promise<Pages<T>> {
    const first = await get<Page<T>>(path);
    const rows = [...first.data];
    await meanwhile();
    for (let { next } = first; next !== null; ) {
      const page = await get<Page<T>>(next);
      expect([page.total, page.asOf.position]).toEqual([first.total, first.asOf.position]);
      rows.push(...page.data);
      ({ next } = page);
    }
    return { rows, total: first.total, head: first.asOf.position };
  }

  async function table(path: string): Promise<Record<string, string>[]> {
    const answer = await ask(path);
    const text = await answer.text();
    expect({ path, status: answer.status, type: answer.headers.get('content-type') }).toEqual({
      path,
      status: 200,
      type: 'text/csv; charset=utf-8',
    });
    return parse(text, { columns: true, bom: true, relax_quotes: false });
  }
});
