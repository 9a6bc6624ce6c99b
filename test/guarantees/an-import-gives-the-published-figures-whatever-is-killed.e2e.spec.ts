import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dedicated, startDedicatedKafka, startDedicatedPostgres } from '../support/dedicated.js';
import { eventually } from '../support/eventually.js';
import { endOffsets, REPORTS_TOPIC } from '../support/kafka.js';
import { ledger, type Finished } from '../support/ledger-cli.js';
import type { AppName } from '../support/processes.js';
import { sharedDataPath } from '../support/shared-data.js';
import { startSystem, type TestSystem } from '../support/system.js';

const FILE = sharedDataPath('ucdp', 'conflict_data_irq.csv');
const isThere = existsSync(FILE);
if (!isThere) process.stderr.write(`skipped: the import of UCDP's Iraq file, because ${FILE} is not there\n`);
const whenThere = isThere ? describe : describe.skip;

const ROWS = 7_473;
const APPS = ['ingest', 'projector', 'query-api'] as const;

interface Sums {
  lo: number;
  hi: number | null;
  hiKnown: number;
  openIncidents: number;
  point: number | null;
}
interface Casualties {
  total: { incidents: number; measures: Record<string, Sums> };
}

/** What the import must show, taken from the file by hand (awk). */
const FIGURES = {
  incidents: ROWS,
  best: 120_631,
  october: { incidents: 27, lo: 134, best: 135, hi: 139, openIncidents: 0 },
  flagged: 69,
};

async function casualties(system: TestSystem, query: string): Promise<Casualties['total']> {
  const answer = await fetch(`${system.app('query-api').url}/v1/casualties?${query}`);
  const body = (await answer.json()) as Casualties;
  expect({ status: answer.status, body }).toMatchObject({ status: 200 });
  return body.total;
}

async function figures(system: TestSystem): Promise<unknown> {
  const all = await casualties(system, 'region=IQ&estimator=best&publisher=UCDP');
  const october = await casualties(system, 'region=IQ&estimator=best&publisher=UCDP&from=2018-10-01&to=2018-10-31');
  const { rows } = await system.pool.query<{ flagged: number }>(
    `SELECT count(DISTINCT position)::int AS flagged FROM ledger.event
      WHERE type = 'ReportRecorded' AND leaf::jsonb -> 'data' -> 'flags' ? 'INTERVAL_INCONSISTENT'`,
  );
  const killed = october.measures['KILLED'];
  return {
    incidents: all.incidents,
    best: all.measures['KILLED']?.point,
    october: {
      incidents: october.incidents,
      lo: killed?.lo,
      best: killed?.point,
      hi: killed?.hi,
      openIncidents: killed?.openIncidents,
    },
    flagged: rows[0]?.flagged,
  };
}

const importFile = (system: TestSystem): Promise<Finished> => ledger(['--json', 'import', 'ucdp', FILE], system.env);

function expectDone(finished: Finished, taken: Record<string, number>): void {
  expect(finished).toMatchObject({ code: 0 });
  const result: unknown = JSON.parse(finished.stdout);
  expect(result).toMatchObject({ rows: ROWS, published: ROWS, taken, problems: [] });
}

whenThere('the import of UCDP’s Iraq file', () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await startSystem({ apps: APPS });
  }, 90_000);
  afterAll(() => system.stop(), 60_000);

  it('shows its 7,473 incidents and 120,631 deaths within a minute', async () => {
    const start = performance.now();
    const finished = await importFile(system);
    const seconds = (performance.now() - start) / 1000;
    process.stderr.write(`ledger import ucdp: ${ROWS} rows in ${seconds.toFixed(1)} s\n`);
    expectDone(finished, { recorded: ROWS, duplicate: 0, rejected: 0 });
    expect(seconds).toBeLessThan(180);
    expect(await figures(system)).toEqual(FIGURES);
  }, 240_000);

  it('changes nothing when it is done again', async () => {
    expectDone(await importFile(system), { recorded: 0, duplicate: ROWS, rejected: 0 });
    expect(await figures(system)).toEqual(FIGURES);
  }, 240_000);

  it('gives the same figures after a rebuild', async () => {
    const live = "SELECT generation FROM read_model.generation WHERE status = 'LIVE'";
    const before = (await system.pool.query<{ generation: number }>(live)).rows;
    const finished = await ledger(['--json', 'rebuild'], system.env);
    expect(finished).toMatchObject({ code: 0 });
    expect(JSON.parse(finished.stdout)).toMatchObject({ differing: [] });
    expect((await system.pool.query<{ generation: number }>(live)).rows).not.toEqual(before);
    expect(await figures(system)).toEqual(FIGURES);
  }, 240_000);
});

whenThere('the import of UCDP’s Iraq file, while everything is killed in the middle of it', () => {
  let kafka: Dedicated;
  let postgres: Dedicated;
  let system: TestSystem;
  beforeAll(async () => {
    [kafka, postgres] = await Promise.all([startDedicatedKafka(), startDedicatedPostgres()]);
    system = await startSystem({ apps: APPS, brokers: kafka.address, adminUrl: postgres.address });
  }, 120_000);
  afterAll(async () => {
    await system.stop();
    await Promise.all([kafka.stop(), postgres.stop()]);
  }, 60_000);

  it('loses nothing and doubles nothing', async () => {
    const recorded = async (): Promise<number> => {
      const { rows } = await system.pool.query<{ size: string }>('SELECT next_position AS size FROM ledger.head');
      return Number(rows[0]?.size ?? 0);
    };
    const reach = (count: number): Promise<unknown> =>
      eventually(`${count} events are recorded`, async () => (await recorded()) >= count, {
        timeoutMs: 120_000,
        everyMs: 10,
      });
    const restart = async (name: AppName): Promise<void> => {
      await system.app(name).kill();
      await system.start(name);
    };
    const importing = importFile(system);
    let isImporting = true;
    void importing.then(() => (isImporting = false));

    await reach(100);
    await kafka.kill();
    await sleep(500);
    await kafka.start();
    await reach(1_000);
    await restart('ingest');
    await reach(2_000);
    await postgres.kill();
    await sleep(1_000);
    await postgres.start();
    await reach(3_500);
    await restart('projector');
    await restart('ingest');
    const duringLastKill = await recorded();
    expect(duringLastKill).toBeLessThan(ROWS);
    expect(isImporting).toBe(true);

    const finished = await importing;
    expect(finished).toMatchObject({ code: 0 });
    const { taken } = JSON.parse(finished.stdout) as { taken: { recorded: number; rejected: number } };
    expect(taken).toMatchObject({ recorded: ROWS, rejected: 0 });
    expect(await figures(system)).toEqual(FIGURES);
    const { rows } = await system.pool.query(
      `SELECT count(*)::int AS events, count(DISTINCT report_id)::int AS reports
         FROM ledger.event WHERE type = 'ReportRecorded'`,
    );
    expect(rows).toEqual([{ events: ROWS, reports: ROWS }]);
    // At least once by the producer: whatever it had to send again is in Kafka twice and in the log once.
    const sent = (await endOffsets(REPORTS_TOPIC, system.brokers)).reduce((sum, offset) => sum + offset, 0);
    expect(sent).toBeGreaterThanOrEqual(ROWS);
  }, 300_000);
});
