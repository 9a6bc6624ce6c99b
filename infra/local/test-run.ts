import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { checkoutFolder } from './folders.js';
import { commandOf, send } from './processes.js';
import type { Step } from './step.js';
import {
  cleanUpKilledRuns,
  makeTestFolder,
  processesOfRun,
  registerRun,
  removeTestFolder,
  RUN_MARK,
  startTestKafka,
  startTestPostgres,
} from './test-services.js';

interface Phase {
  name: string;
  files: string[];
  args: string[];
  /** Whether it needs PostgreSQL and Kafka. */
  services: boolean;
  env?: Record<string, string>;
  /** Part of no run that does not name it. */
  onRequest?: boolean;
  /** Its filters choose faults, not files. */
  filtersFaults?: boolean;
}

/** The faults kill their servers, so they have their own. */
const FAULTS = {
  files: ['**/*.faults.spec.ts'],
  args: ['--runInBand', '--testTimeout=180000'],
  services: false,
  filtersFaults: true,
};

const PHASES: readonly Phase[] = [
  {
    name: 'unit',
    files: ['**/*.spec.ts', '!**/*.{int,e2e,faults}.spec.ts'],
    args: ['--maxWorkers=2'],
    services: false,
  },
  { name: 'int', files: ['**/*.int.spec.ts'], args: ['--maxWorkers=2', '--testTimeout=60000'], services: true },
  { name: 'e2e', files: ['**/*.e2e.spec.ts'], args: ['--runInBand', '--testTimeout=180000'], services: true },
  { name: 'faults', ...FAULTS },
  { name: 'every-fault', ...FAULTS, env: { LEDGER_FAULTS: 'long' }, onRequest: true },
];

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs the phases, prints the totals as the last line and gives the exit code. What it started, it stops in any case. */
export async function runTests(args: string[], step: Step): Promise<number> {
  const named = PHASES.filter(({ name }) => args.includes(name));
  const phases = named.length > 0 ? named : PHASES.filter(({ onRequest }) => onRequest !== true);
  const filters = args.filter((arg) => !PHASES.some(({ name }) => name === arg));
  const run = new TestRun(step);
  try {
    if (phases.some(({ services }) => services)) await run.startServices();
    for (const phase of phases) await run.phase(phase, filters);
  } catch (error) {
    run.totals.failed++;
    if (!run.interrupted) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  } finally {
    await run.end();
  }
  const { passed, failed, skipped } = run.totals;
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  return failed > 0 ? 1 : 0;
}

class TestRun {
  readonly totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  interrupted = false;
  private readonly folder = makeTestFolder();
  private readonly environment: NodeJS.ProcessEnv = { ...process.env, [RUN_MARK]: this.folder, NODE_ENV: 'test' };
  private readonly stops: (() => Promise<void>)[] = [];
  private readonly forget: () => void;
  private jest: ChildProcess | undefined;

  constructor(private readonly step: Step) {
    // In our own environment too: PostgreSQL and Kafka inherit it.
    process.env[RUN_MARK] = this.folder;
    cleanUpKilledRuns();
    this.forget = registerRun(this.folder);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, this.interrupt);
  }

  private readonly interrupt = (): void => {
    this.interrupted = true;
    if (this.jest?.pid !== undefined) send(this.jest.pid, 'SIGTERM');
  };

  async startServices(): Promise<void> {
    const postgres = await this.step(
      'Starting PostgreSQL for the tests',
      () => startTestPostgres(this.folder),
      ({ port }) => `127.0.0.1:${port}`,
    );
    this.stops.unshift(() => postgres.stop());
    this.failIfInterrupted();
    const kafka = await this.step(
      'Starting Kafka for the tests',
      (note) => startTestKafka(this.folder, note),
      ({ brokers }) => brokers,
    );
    this.stops.unshift(() => kafka.stop());
    this.environment['TEST_PG_ADMIN_URL'] = postgres.url;
    this.environment['TEST_KAFKA_BROKERS'] = kafka.brokers;
  }

  async phase(phase: Phase, filters: string[]): Promise<void> {
    this.failIfInterrupted();
    const report = path.join(this.folder, `${phase.name}.json`);
    await this.step(`Tests: ${phase.name}`, async () => {
      await this.runJest(phase, report, filters);
      return this.count(report);
    });
  }

  async end(): Promise<void> {
    for (const stop of this.stops) await stop();
    const left = processesOfRun(this.folder).filter((pid) => pid !== process.pid);
    if (left.length > 0) {
      const list = left.map((pid) => `  ${pid} ${commandOf(pid).trim()}`).join('\n');
      for (const pid of left) send(pid, 'SIGKILL');
      if (!this.interrupted) {
        this.totals.failed++;
        process.stderr.write(`The tests left processes behind:\n${list}\n`);
      }
    }
    removeTestFolder(this.folder);
    this.forget();
  }

  private failIfInterrupted(): void {
    if (this.interrupted) throw new Error('interrupted');
  }

  /** Resolves when jest has ended, whatever its verdict: that is in the report. */
  private runJest(phase: Phase, report: string, filters: string[]): Promise<void> {
    const args = [
      '--disable-warning=ExperimentalWarning',
      '--experimental-vm-modules',
      path.join('node_modules', 'jest', 'bin', 'jest.js'),
      ...phase.files.flatMap((glob) => ['--testMatch', glob]),
      ...phase.args,
      ...['--passWithNoTests', '--json', `--outputFile=${report}`],
      ...(filters.length > 0 && phase.filtersFaults !== true ? ['--', ...filters] : []),
    ];
    const faults = phase.filtersFaults === true ? { LEDGER_FAULTS_FILTER: filters.join(' ') } : {};
    return new Promise((resolve, reject) => {
      // stdout would be the JSON once more; what people read is on stderr.
      const jest = spawn(process.execPath, args, {
        cwd: checkoutFolder(),
        env: { ...this.environment, ...phase.env, ...faults },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      this.jest = jest;
      const watch = setInterval(() => {
        if (endIfHanging(jest, report)) this.totals.failed++;
      }, 1_000);
      jest.once('error', reject);
      jest.once('close', () => {
        clearInterval(watch);
        resolve();
      });
    });
  }

  /** Adds a phase to the totals. A suite that could not even run counts as a failure. */
  private count(report: string): string {
    if (!existsSync(report)) throw new Error('jest ended without a report');
    const counted = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
    const passed = counted.numPassedTests;
    const failed = counted.numFailedTests + counted.numRuntimeErrorTestSuites;
    const skipped = counted.numPendingTests + counted.numTodoTests;
    this.totals.passed += passed;
    this.totals.failed += failed;
    this.totals.skipped += skipped;
    return `${passed} passed, ${failed} failed, ${skipped} skipped`;
  }
}

interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
}

const reportedSince = new WeakMap<ChildProcess, number>();

/** A test that leaves a timer or a connection open would keep jest for ever after its report is written. */
function endIfHanging(jest: ChildProcess, report: string): boolean {
  if (!existsSync(report)) return false;
  const since = reportedSince.get(jest) ?? Date.now();
  reportedSince.set(jest, since);
  if (Date.now() - since < 20_000) return false;
  process.stderr.write('jest does not end: a test left something open. It is ended now, and counted as a failure.\n');
  return jest.kill('SIGKILL');
}
