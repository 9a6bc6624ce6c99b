import { mkdirSync } from 'node:fs';
import { localFolder } from './folders.js';
import { readPidFile, removePidFile, writePidFile } from './processes.js';
import { StartProblem } from './start-problem.js';

function lockFile(): string {
  return localFolder('start.pid');
}

/** The `npm start` that runs from this checkout, if any. */
export function runningStart(): number | null {
  return readPidFile(lockFile());
}

/** Two starts would fight over the same data: the second one says so and leaves. */
export function lockRun(): () => void {
  mkdirSync(localFolder(), { recursive: true });
  const other = runningStart();
  if (other !== null) {
    throw new StartProblem(
      `Conflict Ledger runs already from this folder (process ${other}). Use it as it is, or stop it first: npm stop`,
    );
  }
  writePidFile(lockFile(), process.pid);
  // Of two that wrote at the same moment the later one has the lock, and the other sees it here.
  if (readPidFile(lockFile()) !== process.pid) return lockRun();
  return () => removePidFile(lockFile());
}
