import { spawn } from 'node:child_process';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';

export interface Finished {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs the command line program as a user would: `ledger <args>` with the environment of a system.
 *
 * @param begun is given a function that kills it (-9)
 */
export function ledger(
  args: readonly string[],
  env: Record<string, string>,
  begun: (kill: () => void) => void = () => undefined,
): Promise<Finished> {
  const program = path.join(repositoryRoot(), 'apps', 'cli', 'bin', 'ledger.js');
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  begun(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
