import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { runFolder } from '../support/run-folder.js';
import { type FinishedProgram, runProgram } from './finished-program.js';

const VERSION = '4.32.5';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'ignored_auth',
].join(',');

export interface Schemathesis {
  /**
   * Asks an API what its description allows and what it does not, and judges the answers.
   *
   * @param description a URL or a file
   * @returns exit code 0 when it found nothing, 1 when it did, and what it said
   */
  (description: string, token: string, options: readonly string[]): Promise<FinishedProgram>;
}

/** Into a folder of this run; the packages themselves come from pip's own cache after the first time. */
export async function installSchemathesis(): Promise<{ run: Schemathesis } | { run: null; reason: string }> {
  const folder = path.join(runFolder(), 'schemathesis');
  const python = path.join(folder, 'bin', 'python');
  const made = await runProgram('python3', ['-m', 'venv', folder]);
  if (made.code !== 0) return { run: null, reason: 'Python 3 with venv is not there' };
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`];
  const installed = await runProgram(python, args, { timeoutMs: 180_000 });
  if (installed.code !== 0) return { run: null, reason: 'its Python package cannot be had' };
  return { run: (...given) => run(path.join(folder, 'bin', 'schemathesis'), ...given) };
}

function run(
  program: string,
  description: string,
  token: string,
  options: readonly string[],
): Promise<FinishedProgram> {
  const args = [
    ...['run', description, '--checks', CHECKS, '--header', `Authorization: Bearer ${token}`],
    ...['--request-timeout', '20', '--max-examples', '25', '--workers', '1'],
    ...['--generation-database', 'none', '--no-color', '--continue-on-failure'],
    // How hard a description makes it to generate what fits it depends on the seed, and is no fault of an answer.
    ...['--suppress-health-check', 'filter_too_much,too_slow'],
    ...options,
  ];
  const cwd = mkdtempSync(path.join(runFolder(), 'schemathesis-'));
  return runProgram(program, args, { cwd, timeoutMs: 150_000 });
}

/** What it found fault with, by the names that it gives to faults. */
export function faultsIn(output: string): string[] {
  return [...output.matchAll(/^ {2}❌ ST\d+ (.+): \d+$/gm)].map(([, fault]) => fault ?? '').toSorted();
}
