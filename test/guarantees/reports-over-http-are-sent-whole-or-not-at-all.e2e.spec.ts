import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../infra/local/ports.js';
import { type Dedicated, startDedicatedKafka } from '../support/dedicated.js';
import { eventually } from '../support/eventually.js';
import { recordedReports, untilIngested } from '../support/ingest-facts.js';
import { PUBLISHER, reportData } from '../support/ingest-messages.js';
import { endOffsets, REPORTS_TOPIC } from '../support/kafka.js';
import { startSystem, type TestSystem } from '../support/system.js';

interface Accepted {
  id: string;
  source: string;
  topic: string;
  partition: number;
  offset: number;
  status: string;
}
interface Problem {
  code: string;
  errors: { pointer: string; code: string }[];
}

const TYPE = 'org.conflictledger.report.v1';
const PLAIN = `/v1/reports?source=${encodeURIComponent(PUBLISHER)}`;
const event = (id: string, data: unknown, more = {}): Record<string, unknown> => ({
  specversion: '1.0',
  id,
  source: PUBLISHER,
  type: TYPE,
  data,
  ...more,
});
const dataOf = (reportId: string, ref = 'intake'): Record<string, unknown> => reportData({ reportId, ref });

describe('intake-api', () => {
  let kafka: Dedicated;
  let system: TestSystem;

  beforeAll(async () => {
    kafka = await startDedicatedKafka();
    const auditPort = String(await freePort());
    const env = { LEDGER_AUDIT_URL: `http://127.0.0.1:${auditPort}` };
    system = await startSystem({ apps: ['ingest', 'intake-api'], brokers: kafka.address, env });
    await (await system.start('audit-api', { HTTP_PORT: auditPort })).waitReady();
  }, 120_000);
  afterAll(async () => {
    await system.stop();
    await kafka.stop();
  }, 60_000);

  const post = (path: string, type: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(system.app('intake-api').url + path, { method: 'POST', headers: { 'content-type': type, ...headers }, body });

  async function accepted<T = Accepted>(answer: Response): Promise<T> {
    const body = (await answer.json()) as T;
    expect({ status: answer.status, body }).toMatchObject({ status: 202 });
    return body;
  }
  const ingested = (): Promise<void> =>
    untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
  const sent = async (): Promise<number> =>
    (await endOffsets(REPORTS_TOPIC, system.brokers)).reduce((sum, offset) => sum + offset, 0);

  /** What audit-api says about a message when ingest has read it. */
  const fateOf = ({ status }: Accepted): Promise<{ status: string; position: number }> =>
    eventually('the status link tells the fate of the message', async () => {
      const answer = await fetch(status);
      const delivery = (await answer.json()) as { status: string; position: number };
      return answer.ok && delivery.status !== 'PENDING' ? delivery : null;
    });

  describe('takes', () => {
    it('a CloudEvent', async () => {
      const answer = await post(
        '/v1/reports',
        'application/cloudevents+json',
        JSON.stringify(event('ce-1', dataOf('ce-1'))),
      );
      const taken = await accepted(answer);
      expect(taken).toMatchObject({ id: 'ce-1', source: PUBLISHER, topic: REPORTS_TOPIC });
      expect(answer.headers.get('location')).toBe(taken.status);
      expect(await fateOf(taken)).toMatchObject({ status: 'RECORDED' });
    });

    it('a batch of CloudEvents, each with its place', async () => {
      const events = Array.from({ length: 30 }, (_, i) => event(`batch-${i}`, dataOf(`batch-${i}`, `batch-${i % 9}`)));
      const answer = await post('/v1/reports', 'application/cloudevents-batch+json', JSON.stringify(events));
      const { data, total } = await accepted<{ data: Accepted[]; total: number }>(answer);
      expect([total, data.map(({ id }) => id)]).toEqual([30, events.map(({ id }) => id)]);
      expect(new Set(data.map(({ partition, offset }) => `${partition}/${offset}`)).size).toBe(30);
      await ingested();
      for (const one of data) {
        const { position } = await fateOf(one);
        const recorded = await fetch(`${system.app('audit-api').url}/v1/events/${position}`);
        expect(await recorded.json()).toMatchObject({ event: { source: { ceId: one.id, offset: one.offset } } });
      }
    });

    it('a CloudEvent in binary mode', async () => {
      const headers = { 'ce-specversion': '1.0', 'ce-id': 'binary 1', 'ce-source': PUBLISHER, 'ce-type': TYPE };
      const answer = await post('/v1/reports', 'application/json', JSON.stringify(dataOf('binary-1')), {
        ...headers,
        'ce-id': 'binary%201',
      });
      const taken = await accepted(answer);
      expect(taken.id).toBe('binary 1');
      expect(await fateOf(taken)).toMatchObject({ status: 'RECORDED' });
    });

    it('plain data, under the Idempotency-Key: the same again is one report', async () => {
      const body = JSON.stringify(dataOf('plain-1'));
      const key = { 'idempotency-key': 'plain-key' };
      const first = await accepted(await post(PLAIN, 'application/json', body, key));
      expect(first.id).toBe('plain-key');
      const again = await accepted(await post(PLAIN, 'application/json', body, key));
      const { position } = await fateOf(first);
      expect(await fateOf(again)).toMatchObject({ status: 'DUPLICATE', position });
      const other = await accepted(await post(PLAIN, 'application/json', JSON.stringify(dataOf('plain-2')), key));
      expect(await fateOf(other)).toMatchObject({ status: 'REJECTED' });
    });

    it('lines of plain data, numbered under the key', async () => {
      const lines = ['line-1', 'line-2', '', 'line-4'].map((id) => (id === '' ? '' : JSON.stringify(dataOf(id))));
      const answer = await post(PLAIN, 'application/x-ndjson', lines.join('\n'), { 'idempotency-key': 'lines' });
      const { data } = await accepted<{ data: Accepted[] }>(answer);
      expect(data.map(({ id }) => id)).toEqual(['lines/1', 'lines/2', 'lines/4']);
      expect((await Promise.all(data.map(fateOf))).map(({ status }) => status)).toEqual(Array(3).fill('RECORDED'));
      expect(await recordedReports(system.pool)).toEqual(expect.arrayContaining(['line-1', 'line-2', 'line-4']));
    });
  });

  describe('sends nothing when', () => {
    let before: number;
    beforeAll(async () => {
      before = await sent();
    });
    afterAll(async () => {
      expect(await sent()).toBe(before);
    });

    async function refused(answer: Response, status: number, code: string): Promise<Problem> {
      const problem = (await answer.json()) as Problem;
      expect({ status: answer.status, ...problem }).toMatchObject({ status, code });
      expect(answer.headers.get('content-type')).toMatch('application/problem+json');
      return problem;
    }

    it('one line of many is invalid: every problem is named by its line', async () => {
      const bad = { ...dataOf('bad'), nonsense: 1, revision: -1 };
      const lines = [
        JSON.stringify(dataOf('fine-1')),
        JSON.stringify(bad),
        '{"reportId":',
        JSON.stringify(dataOf('fine-2')),
      ];
      const headers = { 'idempotency-key': randomUUID() };
      const answer = await post(PLAIN, 'application/x-ndjson', lines.join('\n'), headers);
      const { errors } = await refused(answer, 422, 'INVALID_MESSAGE');
      expect(errors.map(({ pointer }) => pointer)).toEqual(
        expect.arrayContaining(['/2/nonsense', '/2/revision', expect.stringMatching(/^\/3/)]),
      );
      expect(errors.every(({ pointer }) => /^\/[23]/.test(pointer))).toBe(true);
    });

    it('one event of a batch is invalid', async () => {
      const batch = [event('x-1', dataOf('x-1')), event('x-2', { ...dataOf('x-2'), occurred: 'yesterday' })];
      const answer = await post('/v1/reports', 'application/cloudevents-batch+json', JSON.stringify(batch));
      const { errors } = await refused(answer, 422, 'INVALID_MESSAGE');
      expect(errors).toMatchObject([{ pointer: '/1/data/occurred' }]);
    });

    it('plain data lack the key or the source', async () => {
      const body = JSON.stringify(dataOf('plain'));
      await refused(await post(PLAIN, 'application/json', body), 400, 'IDEMPOTENCY_KEY_REQUIRED');
      const answer = await post('/v1/reports', 'application/json', body, { 'idempotency-key': 'k' });
      await refused(answer, 400, 'INVALID_PARAMETER');
    });

    it('it is not JSON, not of a known type, or a decision', async () => {
      const type = 'application/cloudevents+json';
      await refused(await post('/v1/reports', type, '{'), 400, 'MALFORMED_JSON');
      await refused(await post('/v1/reports', 'text/xml', '<report/>'), 415, 'UNSUPPORTED_MEDIA_TYPE');
      await refused(await post('/v1/reports', type, ''), 400, 'EMPTY_BODY');
      await refused(await post('/v1/reports?x=1', type, '{}'), 400, 'UNKNOWN_PARAMETER');
      const decision = event('d-1', { kind: 'REQUEUE' }, { type: 'org.conflictledger.decision.v1' });
      const { errors } = await refused(
        await post('/v1/reports', type, JSON.stringify(decision)),
        422,
        'INVALID_MESSAGE',
      );
      expect(errors).toMatchObject([{ code: 'TYPE_NOT_ALLOWED_ON_TOPIC' }]);
    });
  });

  /** A steward's decision goes the same way through audit-api; on what the idempotency test left behind. */
  async function discardOne(): Promise<Response> {
    const audit = `${system.app('audit-api').url}/v1/rejections`;
    const { data } = (await (await fetch(audit)).json()) as { data: { id: string }[] };
    return fetch(`${audit}/${data[0]?.id}/discard`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'Steward One', reason: 'another report under the same key' }),
    });
  }

  it('says 503 while Kafka is down, and takes reports again within seconds when it is back', async () => {
    const attempts: { status: number; retryAfter: string | null }[] = [];
    const publish = async (id: string): Promise<number> => {
      const body = JSON.stringify(event(id, dataOf(id)));
      const answer = await post('/v1/reports', 'application/cloudevents+json', body);
      await answer.arrayBuffer();
      attempts.push({ status: answer.status, retryAfter: answer.headers.get('retry-after') });
      return answer.status;
    };
    await kafka.kill();
    const outage = new AbortController();
    // Publishers that come again and again, all the time, so that some attempt is always under way.
    const publishers = Array.from({ length: 3 }, async (_, publisher) => {
      for (let i = 0; !outage.signal.aborted; i += 1) {
        await publish(`down-${publisher}-${i}`);
        await sleep(400 * publisher);
      }
    });
    await sleep(7_000);
    expect(attempts.length).toBeGreaterThan(0);
    expect(attempts.filter(({ status, retryAfter }) => status !== 503 || Number(retryAfter) < 1)).toEqual([]);
    const stewards = await discardOne();
    expect([stewards.status, stewards.headers.get('retry-after')]).toEqual([503, '5']);
    await kafka.start();
    const back = performance.now();
    await eventually('a report is taken again', async () => (await publish(`after-${randomUUID()}`)) === 202);
    const recovery = performance.now() - back;
    process.stderr.write(`intake-api took a report ${Math.round(recovery)} ms after Kafka was back\n`);
    outage.abort();
    await Promise.all(publishers);
    await eventually('a decision is taken again', async () => (await discardOne()).status === 202);
    expect(recovery).toBeLessThan(5_000);
    const last = await accepted(
      await post('/v1/reports', 'application/cloudevents+json', JSON.stringify(event('up', dataOf('up')))),
    );
    expect(await fateOf(last)).toMatchObject({ status: 'RECORDED' });
  }, 120_000);
});
