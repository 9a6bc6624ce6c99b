import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './processes.js';

export interface RunningPart {
  pid: number;
  stop(): Promise<void>;
  /** How it ended, in words, once it has. */
  ending?(): string;
}

/** A process of the local run that has to be there until the end. */
export interface Part {
  name: string;
  logFile: string;
  /** Starts it: for the first time, or again after it died. */
  launch(): Promise<RunningPart>;
}

const LOOK_EVERY_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
/** Whoever lived this long is not in a crash loop. */
const STEADY_AFTER_MS = 60_000;

/** Keeps parts running: one that dies is reported and started again, after a pause that doubles each time. */
export class Supervisor {
  private readonly running = new Map<string, RunningPart>();
  private isStopping = false;

  constructor(private readonly report: (text: string) => void) {}

  /** Starts it; until `keep` its death is the caller's to notice. */
  async start(part: Part): Promise<void> {
    this.running.set(part.name, await part.launch());
  }

  /** From now on it is started again when it dies. */
  keep(part: Part): void {
    void this.watch(part);
  }

  isAlive(name: string): boolean {
    const part = this.running.get(name);
    return part !== undefined && isRunning(part.pid);
  }

  ending(name: string): string {
    return this.running.get(name)?.ending?.() ?? 'ended';
  }

  /** From now on nothing is started again. */
  beginStop(): void {
    this.isStopping = true;
  }

  async stop(names: readonly string[]): Promise<void> {
    this.beginStop();
    await Promise.all(names.map((name) => this.running.get(name)?.stop() ?? Promise.resolve()));
  }

  private async watch(part: Part): Promise<void> {
    let pauseMs = 500;
    let since = Date.now();
    while (!this.isStopping) {
      await sleep(LOOK_EVERY_MS, undefined, { ref: false });
      if (this.isStopping || this.isAlive(part.name)) continue;
      if (Date.now() - since > STEADY_AFTER_MS) pauseMs = 500;
      this.report(`! ${part.name} ${this.ending(part.name)}. Its log: ${part.logFile}. It is started again.`);
      await sleep(pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      since = Date.now();
      await this.relaunch(part);
    }
  }

  private async relaunch(part: Part): Promise<void> {
    if (this.isStopping) return;
    try {
      const again = await part.launch();
      this.running.set(part.name, again);
      // The stop may have begun while it was starting: nobody else would stop this one then.
      if (this.isStopping) await again.stop();
    } catch (error) {
      this.report(`! ${part.name} does not start: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
