import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';

export interface WitnessProcess {
  url: string;
  vkey: string;
  /** SIGKILL, unless another signal is named; resolves with the exit code, null after a signal. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs `ledger witness` as its operator would. @throws Error with what it said when it ends instead of listening */
export async function startWitnessProcess(args: readonly string[]): Promise<WitnessProcess> {
  const program = path.join(repositoryRoot(), 'apps', 'cli', 'bin', 'ledger.js');
  const child = spawn(process.execPath, [program, '--json', 'witness', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const listening = new Promise<string>((resolve) => {
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.endsWith('}\n')) resolve(stdout);
    });
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  const early = ended.then((code): never => {
    throw new Error(`exit code ${code}: ${stderr}`);
  });
  const said = JSON.parse(await Promise.race([listening, early])) as { url: string; vkeys: [string] };
  return {
    url: said.url,
    vkey: said.vkeys[0],
    end: (signal = 'SIGKILL') => {
      child.kill(signal);
      return ended;
    },
  };
}
