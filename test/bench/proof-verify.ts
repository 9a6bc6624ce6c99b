import { spawn } from 'node:child_process';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import { peakMemoryMiB } from './machine.js';

export interface Verified {
  /** As the command says. */
  seconds: number;
  /** From the start of the process to its end. */
  processSeconds: number;
  peakMiB: number | null;
}

const LOOK_MS = 20;

/** Runs `ledger verify` as an auditor would. @throws Error when it does not verify */
export async function timeVerify(args: readonly string[], env: Record<string, string> = {}): Promise<Verified> {
  const program = path.join(repositoryRoot(), 'apps', 'cli', 'bin', 'ledger.js');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [program, '--json', 'verify', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let peakMiB: number | null = null;
  const looking = setInterval(() => {
    const now = peakMemoryMiB(child.pid ?? 0);
    if (now !== null) peakMiB = Math.max(now, peakMiB ?? 0);
  }, LOOK_MS);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(looking);
  if (code !== 0) throw new Error(`ledger verify ended with ${code}: ${output}`);
  const { seconds } = JSON.parse(output) as { seconds: number };
  return { seconds, processSeconds: (performance.now() - startedAt) / 1000, peakMiB };
}
