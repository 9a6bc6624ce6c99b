import { spawn } from 'node:child_process';

/** What became of a program. */
export interface FinishedProgram {
  /** Exit code; null when a signal ended it or it could not be started. */
  code: number | null;
  /** Both streams, in the order in which they came. */
  output: string;
}

export interface ProgramOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** The program is killed when it takes longer. */
  timeoutMs?: number;
}

/** Runs a program to its end. One that is not there gives code null and the system's word for it. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env, timeoutMs = 60_000 }: ProgramOptions = {},
): Promise<FinishedProgram> {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      clearTimeout(late);
      resolve({ code: null, output: error.message });
    });
    child.once('close', (code) => {
      clearTimeout(late);
      resolve({ code, output });
    });
  });
}
