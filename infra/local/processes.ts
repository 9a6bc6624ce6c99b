import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A pid alone is not an identity, since the system gives it out again: the start time beside it is. */
interface PidRecord {
  pid: number;
  startedAt: string;
}

/** False for a zombie too: it holds nothing any more, and nobody may ever reap it in a container without an init. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return statOf(pid)?.state !== 'Z';
}

/** When the process started, in the system's own words; null when there is no such process. */
export function startTimeOf(pid: number): string | null {
  if (!isRunning(pid)) return null;
  const stat = statOf(pid);
  if (stat) return `${bootId()}:${stat.startTicks}`;
  const listed = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return listed.stdout?.trim() || null;
}

export function writePidFile(file: string, pid: number): void {
  const record: PidRecord = { pid, startedAt: startTimeOf(pid) ?? 'gone' };
  writeFileSync(`${file}.new`, JSON.stringify(record));
  renameSync(`${file}.new`, file);
}

/** The pid in the file, if that very process is still running. */
export function readPidFile(file: string): number | null {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as PidRecord;
    return startTimeOf(record.pid) === record.startedAt ? record.pid : null;
  } catch {
    return null; // no file, or one that a full disk cut short: nothing we could claim as ours
  }
}

export function removePidFile(file: string): void {
  rmSync(file, { force: true });
}

/** Processes whose command line holds all the given words; each word an argument or a part of one. */
export function findProcesses(words: readonly string[]): number[] {
  return commandLines()
    .filter(({ pid, command }) => pid !== process.pid && words.every((word) => command.includes(word)))
    .map(({ pid }) => pid)
    .filter(isRunning);
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
}

/** Sends `signal`, waits, and kills what is still there after `graceMs`. True when it went by itself. */
export async function terminate(pid: number, signal: NodeJS.Signals, graceMs: number): Promise<boolean> {
  send(pid, signal);
  if (await isGoneWithin(pid, graceMs)) return true;
  send(pid, 'SIGKILL');
  await isGoneWithin(pid, 10_000);
  return false;
}

export async function isGoneWithin(pid: number, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (isRunning(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

/** Signals a process that may be gone already. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function statOf(pid: number): { state: string; startTicks: string } | null {
  try {
    // The name, in brackets, may hold spaces and brackets itself: what follows its last one is regular.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
  } catch {
    return null;
  }
}

/** Ticks count from the boot of the machine: a pid file may be older than that. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function commandLines(): { pid: number; command: string }[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), command: commandOf(Number(name)) }));
  } catch {
    const listed = spawnSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).stdout ?? '';
    return listed.split('\n').flatMap((line) => {
      const match = /^\s*(\d+)\s+(.*)$/.exec(line);
      return match ? [{ pid: Number(match[1]), command: match[2] ?? '' }] : [];
    });
  }
}
