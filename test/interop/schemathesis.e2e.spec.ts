import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ROLES } from '#app/http-edge';
import { untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { eventually } from '../support/eventually.js';
import { TestIssuer } from '../support/issuer.js';
import { produce } from '../support/kafka.js';
import type { AppName } from '../support/processes.js';
import { runFolder } from '../support/run-folder.js';
import { startSystem, type TestSystem } from '../support/system.js';
import { runProgram } from './finished-program.js';

jest.setTimeout(240_000);

const VERSION = '4.32.5';
/** Seconds for each of the three documents. */
const BUDGET_S = 30;
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'ignored_auth',
].join(',');
/** A stream has no end, and a client that waits for it would call that a failure. */
const STREAMS = ['--exclude-path', '/v1/changes'];

const program = await install();
const check = program.file === null ? describe.skip : describe;
if (program.file === null)
  process.stderr.write(`skipped: schemathesis over the descriptions, because ${program.reason}\n`);

check('schemathesis', () => {
  let system: TestSystem;
  let issuer: TestIssuer;

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    const off = { RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_COSTLY_PER_MINUTE: '0', RATE_LIMIT_OPEN_PER_MINUTE: '0' };
    const apps: AppName[] = ['ingest', 'projector', 'notary', 'query-api', 'audit-api', 'intake-api'];
    system = await startSystem({ apps, env: { ...issuer.env, ...off } });
    await produce(
      [...Array.from({ length: 5 }, (_, i) => report({ ref: `i-${i}` })), report({ data: { nonsense: 1 } })],
      system.brokers,
    );
    await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
    await eventually('a checkpoint covers them', async () => {
      const answer = await fetch(`${system.app('audit-api').url}/log/checkpoint`);
      return Number((await answer.text()).split('\n')[1]) >= 6 ? true : null;
    });
  });
  afterAll(async () => {
    await system?.stop();
    await issuer?.stop();
  });

  it.each<AppName>(['query-api', 'audit-api', 'intake-api'])(
    'finds no 5xx, no answer that %s does not describe, and no route that takes whoever comes',
    async (api) => {
      const token = await issuer.token(ROLES, { sources: ['*'] });
      const { code, output } = await runProgram(
        program.file ?? '',
        [
          ...['run', `${system.app(api).url}/openapi.json`, '--checks', CHECKS, '--max-time', String(BUDGET_S)],
          ...[
            '--header',
            `Authorization: Bearer ${token}`,
            '--request-timeout',
            '20',
            '--max-examples',
            '25',
            '--workers',
            '1',
          ],
          ...[
            '--generation-database',
            'none',
            '--phases',
            'examples,coverage,fuzzing',
            '--no-color',
            // How hard a description makes it to generate what fits it depends on the seed, and is no fault of an answer.
            '--suppress-health-check',
            'filter_too_much,too_slow',
            '--continue-on-failure',
          ],
          ...STREAMS,
        ],
        { cwd: mkdtempSync(path.join(runFolder(), 'schemathesis-')), timeoutMs: 150_000 },
      );
      expect({ code, output: code === 0 ? '' : output.slice(-12_000) }).toEqual({ code: 0, output: '' });
      expect(output).toMatch(/[1-9]\d* generated/);
    },
  );
});

/** Into a folder of this run; the packages themselves come from pip's own cache after the first time. */
async function install(): Promise<{ file: string; reason: '' } | { file: null; reason: string }> {
  const folder = path.join(runFolder(), 'schemathesis');
  const python = path.join(folder, 'bin', 'python');
  const made = await runProgram('python3', ['-m', 'venv', folder]);
  if (made.code !== 0) return { file: null, reason: 'Python 3 with venv is not there' };
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`];
  const installed = await runProgram(python, args, { timeoutMs: 180_000 });
  if (installed.code !== 0) return { file: null, reason: 'its Python package cannot be had' };
  return { file: path.join(folder, 'bin', 'schemathesis'), reason: '' };
}
