import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { repositoryRoot } from '#app/runtime';
import { eventually } from '../support/eventually.js';
import { report } from '../support/ingest-messages.js';
import { produce } from '../support/kafka.js';
import type { AppName } from '../support/processes.js';
import { isPrometheusThere, startPrometheus, type TestPrometheus } from '../support/prometheus.js';
import { startSystem, type TestSystem } from '../support/system.js';

jest.setTimeout(180_000);

const APPS: AppName[] = ['ingest', 'projector', 'notary', 'relay', 'query-api', 'audit-api', 'intake-api'];
const dashboard = path.join(repositoryRoot(), 'infra', 'observability', 'grafana', 'dashboard.json');
const { panels } = JSON.parse(readFileSync(dashboard, 'utf8')) as { panels: { targets: { expr: string }[] }[] };
const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
/** What waits in Kafka is told from the first heartbeats on. */
const PATIENCE = { timeoutMs: 90_000, everyMs: 500 };
/** They show what is not well, and witnesses where there are some. */
const EMPTY = [
  'ledger_check_problem == 1',
  'sum by (code) (increase(ledger_ingest_rejections_total[5m])) > 0',
  'sum(ledger_ingest_delivery_gaps_total)',
  'ledger_notary_refusing',
  'ledger_notary_witness_state == 1',
];

const check = isPrometheusThere ? describe : describe.skip;
if (!isPrometheusThere)
  process.stderr.write('skipped: the system as Prometheus sees it, because prometheus is not on the PATH\n');

check('Prometheus, with our configuration, beside the apps', () => {
  let system: TestSystem;
  let prometheus: TestPrometheus;
  beforeAll(async () => {
    system = await startSystem({ apps: APPS, patienceMs: 150_000 });
    prometheus = await startPrometheus(system);
  }, 240_000);
  afterAll(async () => {
    await prometheus?.stop();
    await system?.stop();
  });

  it('has a series for every query of the dashboard, once there is something to see', async () => {
    const unanswered = async (): Promise<string[]> => {
      await produce([report()], system.brokers);
      for (const url of [`${system.app('query-api').url}/v1/incidents`, `${system.app('audit-api').url}/v1/events`])
        expect((await fetch(url)).status).toBe(200);
      const answers = await Promise.all(queries.map((expr) => prometheus.query(expr)));
      return queries.filter((_, index) => !answers[index]?.some(({ value }) => !Number.isNaN(value)));
    };
    expect(queries.length).toBeGreaterThan(20);
    await eventually(
      'only those are not answered',
      async () => {
        expect(await unanswered()).toEqual(EMPTY);
        return true;
      },
      PATIENCE,
    );
  });

  it('has nothing to alert while all is well', async () => {
    await eventually('no alert is pending', async () => (await prometheus.alerts()).length === 0, PATIENCE);
  });

  // A counter that begins with its first burst has not increased, for Prometheus.
  it('sees a publisher of whom everything is refused from the first message on', async () => {
    await produce(
      Array.from({ length: 300 }, () => report({ data: { nonsense: 1 } })),
      system.brokers,
    );
    await eventually(
      'the alert fires',
      async () => {
        expect(await prometheus.alerts('firing')).toContain('LedgerRejectionsJump');
        return true;
      },
      PATIENCE,
    );
  });

  it('sees an app that is gone', async () => {
    await system.app('relay').kill();
    await eventually('the alert waits', async () => (await prometheus.alerts('pending')).includes('LedgerAppDown'));
  });
});
