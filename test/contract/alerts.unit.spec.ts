import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';

const FOLDER = path.join(repositoryRoot(), 'infra', 'observability');
const read = (...name: string[]): string => readFileSync(path.join(FOLDER, ...name), 'utf8');
const alerts = [...read('alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name ?? '');

/** Of Prometheus; Debian has it in the package prometheus. PROMTOOL names another one. */
const PROMTOOL = process.env['PROMTOOL'] || 'promtool';
const isThere = spawnSync(PROMTOOL, ['--version']).status === 0;
if (!isThere) process.stderr.write('skipped: the rules of Prometheus, because promtool is not on the PATH\n');
const withPromtool = isThere ? it : it.skip;

describe('the alerts', () => {
  withPromtool.each([
    ['check', 'rules', 'alerts.yml'],
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ])('promtool %s %s %s', (...args) => {
    const { status, stdout, stderr } = spawnSync(PROMTOOL, args, { cwd: FOLDER, encoding: 'utf8' });
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });

  // Grafana could not be had to open it: its queries are at least ones that Prometheus takes.
  withPromtool('and the dashboard ask in the language of Prometheus', () => {
    const { panels } = JSON.parse(read('grafana', 'dashboard.json')) as { panels: { targets: { expr: string }[] }[] };
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const rules = queries.map((expr, index) => ({ record: `panel:${index}`, expr }));
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'dashboard-')), 'rules.yml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'rules', file], { encoding: 'utf8' });
    rmSync(path.dirname(file), { recursive: true });
    expect(queries.length).toBeGreaterThan(20);
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining(`SUCCESS: ${queries.length} rules found`)]);
  });

  it('are each tested by a case in which they fire', () => {
    const cases = read('alerts.test.yml').split(/(?=- eval_time: |- \{ eval_time: )/);
    const fired = cases
      .filter((one) => /exp_alerts:\s*\n\s+- exp_labels/.test(one))
      .map((one) => /alertname: (\w+)/.exec(one)?.[1]);
    expect(alerts.length).toBeGreaterThan(20);
    expect(alerts.filter((name) => !fired.includes(name))).toEqual([]);
  });

  it.each(alerts)('%s has a row in docs/operators.md that says what to do', (name) => {
    expect(readFileSync(path.join(repositoryRoot(), 'docs', 'operators.md'), 'utf8')).toMatch(
      new RegExp(`^\\| \`${name}\` \\| .+ \\|$`, 'm'),
    );
  });
});
