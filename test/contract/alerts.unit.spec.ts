import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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
