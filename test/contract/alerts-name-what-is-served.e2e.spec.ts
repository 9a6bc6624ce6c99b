import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import { startSystem, type TestSystem } from '../support/system.js';

const APPS = ['ingest', 'projector', 'notary', 'relay', 'query-api', 'audit-api', 'intake-api'] as const;
const NAME = /\b(?:ledger|http|process|nodejs)_[a-z0-9_]+/g;
/** Series of a histogram. */
const SUFFIX = /_(?:bucket|count|sum)$/;

const read = (...name: string[]): string =>
  readFileSync(path.join(repositoryRoot(), 'infra', 'observability', ...name), 'utf8');

describe('what alerts and dashboard look at', () => {
  let system: TestSystem;
  let served: Set<string>;
  beforeAll(async () => {
    system = await startSystem({ apps: APPS });
    const pages = await Promise.all(APPS.map(async (name) => (await fetch(`${system.app(name).url}/metrics`)).text()));
    served = new Set(pages.flatMap((page) => [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? '')));
  }, 120_000);
  afterAll(() => system?.stop(), 60_000);

  it.each([
    ['alerts', [...read('alerts.yml').matchAll(/^ +expr: (.+)$/gm)].map(([, expr]) => expr ?? '')],
    [
      'tests of the alerts',
      [...read('alerts.test.yml').matchAll(/series: '([^']+)'/g)].map(([, series]) => series ?? ''),
    ],
    [
      'dashboard',
      (JSON.parse(read('grafana', 'dashboard.json')) as { panels: { targets: { expr: string }[] }[] }).panels.flatMap(
        ({ targets }) => targets.map(({ expr }) => expr),
      ),
    ],
  ])('the %s name metrics that an app serves', (_what, expressions) => {
    const names = new Set(expressions.flatMap((expr) => expr.match(NAME) ?? []));
    expect(names.size).toBeGreaterThan(15);
    expect([...names].filter((name) => !served.has(name) && !served.has(name.replace(SUFFIX, '')))).toEqual([]);
  });
});
