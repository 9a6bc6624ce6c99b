import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { READ_MODEL_TABLES } from '#app/read-models';
import { createHash } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { foldPlainly, type PlainTotals } from '../support/independent-fold.js';
import { cloudEvent, PUBLISHER, reportData } from '../support/ingest-messages.js';
import { produce, type RawMessage } from '../support/kafka.js';
import { randomClaims } from '../support/random-claims.js';
import { startSystem, type TestSystem } from '../support/system.js';
import { seeded } from '../bench/reports.js';

jest.setTimeout(180_000);

const MESSAGES = 1_000;
const random = seeded(20_181_110);
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
const upTo = (n: number): number => Math.floor(random() * (n + 1));

type Leaf = Parameters<typeof foldPlainly>[0][number] & Record<string, unknown>;

/** Few incidents and few claimants, so that they meet; revisions and withdrawals in any order. */
function randomMessage(index: number): RawMessage {
  const ref = `incident-${upTo(150)}`;
  const reportId = `${ref}-report-${upTo(3)}`;
  if (index % 12 === 11) {
    return cloudEvent(
      'org.conflictledger.report-withdrawn.v1',
      { reportId, incident: { ref }, reason: `secret reason ${index}` },
      { id: `w-${index}` },
    );
  }
  const month = String(1 + upTo(11)).padStart(2, '0');
  const data = reportData({
    ref,
    reportId,
    revision: 1 + upTo(3),
    data: {
      publishedAt: `2018-${month}-0${1 + upTo(8)}T06:00:00Z`,
      source: { name: pick(['A', 'B', 'C']), kind: pick(['WIRE', 'NGO']), url: `https://secret.example/${index}` },
      occurred: { start: `2018-${month}-08`, end: `2018-${month}-08`, precision: 'DAY' },
      summary: `secret summary ${index}`,
      casualties: randomClaims(random),
    },
  });
  return cloudEvent('org.conflictledger.report.v1', data, { id: `r-${index}` });
}

describe('figures', () => {
  let system: TestSystem;
  let leaves: Leaf[] = [];
  let lines: string[] = [];

  beforeAll(async () => {
    system = await startSystem({
      apps: ['ingest', 'projector', 'query-api', 'audit-api'],
      env: { LOG_LEVEL: 'debug' },
    });
    await produce(
      Array.from({ length: MESSAGES }, (_, index) => randomMessage(index)),
      system.brokers,
    );
    const head = await eventually(
      'every message is an event',
      async () => {
        const { rows } = await system.pool.query<{ size: string }>('SELECT next_position AS size FROM ledger.head');
        return Number(rows[0]?.size) >= MESSAGES + 4 ? Number(rows[0]?.size) - 1 : null;
      },
      { timeoutMs: 90_000 },
    );
    await eventually('all of them are in the figures', async () => (await asOf(head)).status === 200);
    const stream = await fetch(`${system.app('audit-api').url}/v1/events?format=ndjson`);
    lines = (await stream.text()).trimEnd().split('\n');
    leaves = lines.map((line) => JSON.parse(line) as Leaf);
  });

  afterAll(() => system.stop());

  const asOf = (position: number, more = ''): Promise<Response> =>
    fetch(`${system.app('query-api').url}/v1/casualties?asOf=${position}${more}`);

  async function totals(position: number, estimator: string): Promise<Record<string, never>> {
    const answer = await asOf(position, `&estimator=${estimator}`);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { total: Record<string, never> }).total;
  }

  it('as of ten random positions are what a fold written apart from the product makes of /v1/events', async () => {
    const positions = [...Array.from({ length: 9 }, () => 4 + upTo(leaves.length - 5)), leaves.length - 1];
    for (const position of positions) {
      const expected: PlainTotals = foldPlainly(leaves, position);
      for (const estimator of ['conservative', 'median', 'max', 'latest'] as const) {
        const measures = Object.fromEntries(
          Object.entries(expected.measures).map(([measure, { points, ...sums }]) => {
            const valued = expected.incidents - sums.silentIncidents - sums.withoutPoint;
            return [measure, { ...sums, point: valued === 0 ? null : points[estimator] }];
          }),
        );
        expect({ position, ...(await totals(position, estimator)) }).toMatchObject({
          position,
          incidents: expected.incidents,
          measures,
        });
      }
    }
  });

  it('come from leaves that are canonical, dense and free of committed values', () => {
    expect(leaves.map(({ position }) => position)).toEqual(leaves.map((_, index) => index));
    expect(leaves[0]?.type).toBe('LogCreated');
    for (const line of lines) expect(canonical(JSON.parse(line))).toBe(line);
    expect(lines.filter((line) => line.includes('secret'))).toEqual([]);
    // A plain hash of a guessed value, or of its commitment without the salt, confirms nothing either.
    const guesses = Array.from({ length: MESSAGES }, (_, index) => `secret summary ${index}`).flatMap((guess) =>
      [guess, JSON.stringify(guess), JSON.stringify(['/summary', guess])].map((text) =>
        createHash('sha256').update(text).digest('base64url'),
      ),
    );
    const digests = new Set(leaves.flatMap(({ sd }) => Object.values(sd as Record<string, string>)));
    expect(digests.size).toBeGreaterThan(MESSAGES / 2);
    expect(guesses.filter((guess) => digests.has(guess))).toEqual([]);
  });

  it('leave no committed value in any table of the figures, in any log of a process, in any metric', async () => {
    const tables = await system.pool.query<{ name: string }>(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('read_model', 'ledger', 'scratch')",
    );
    for (const { name } of tables.rows) {
      const { rows } = await system.pool.query(`SELECT 1 FROM ${name} AS t WHERE t::text ILIKE '%secret%' LIMIT 1`);
      expect({ name, found: rows.length }).toEqual({ name, found: 0 });
    }
    for (const name of ['ingest', 'projector', 'query-api', 'audit-api'] as const) {
      const app = system.app(name);
      const metrics = await (await fetch(`${app.url}/metrics`)).text();
      expect({ name, found: /secret/i.test(app.logs()) || /secret/i.test(metrics) }).toEqual({ name, found: false });
      expect(metrics).toContain('process_resident_memory_bytes');
    }
  });

  it('are what a replay of the log makes of them', async () => {
    const url = `${system.app('audit-api').url}/v1/replays`;
    const started = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ upTo: Math.floor(leaves.length / 2) }),
    });
    expect(started.status).toBe(202);
    const { id } = (await started.json()) as { id: string };
    const done = await eventually('the replay is done', async () => {
      const replay = (await (await fetch(`${url}/${id}`)).json()) as {
        status: string;
        same: boolean;
        digests: unknown[];
      };
      return replay.status === 'RUNNING' ? null : replay;
    });
    expect(done).toMatchObject({ status: 'DONE', same: true });
    expect(done.digests).toHaveLength(READ_MODEL_TABLES.length);
  });

  it('beyond the head are refused, not answered with zeros', async () => {
    const answer = await asOf(leaves.length);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: 'AS_OF_OUT_OF_RANGE' });
  });

  it('have a history that tells every change field by field', async () => {
    const recorded = leaves.find(({ type, source }) => type === 'ReportRecorded' && source?.ceSource === PUBLISHER);
    const answer = await fetch(`${system.app('audit-api').url}/v1/incidents/${recorded?.stream}/history`);
    const history = (await answer.json()) as {
      data: { position: number; changes: { pointer: string }[]; why: string }[];
    };
    const events = leaves.filter(({ stream }) => stream === recorded?.stream);
    expect(history.data.map(({ position }) => position)).toEqual(events.map(({ position }) => position));
    expect(history.data[0]?.changes.length).toBeGreaterThan(0);
    expect(history.data.every(({ why }) => why.length > 10)).toBe(true);
  });
});

/** RFC 8785 for what leaves hold, written apart from the product: members sorted by UTF-16 code units, no blanks. */
function canonical(json: unknown): string {
  if (Array.isArray(json)) return `[${json.map(canonical).join(',')}]`;
  if (typeof json !== 'object' || json === null) return JSON.stringify(json);
  const members = Object.entries(json).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
