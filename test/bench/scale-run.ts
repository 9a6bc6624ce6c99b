import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createPool, repositoryRoot } from '#app/runtime';
import { makeTestFolder, RUN_MARK } from '../../infra/local/test-services.js';
import { describeMachine } from './machine.js';
import { type LockModel, measureLock } from './scale-lock.js';
import { type LogServices, record, type ScaleRun, startLogServices } from './scale-log.js';
import { renderScale } from './scale-table.js';

// `npm run bench -- --scale [--reports 20000] [--rounds 2] [--processes 1,2,4]`: what several processes of ingest on one topic
// and two logs side by side bring on this machine, in turns, and how long a batch holds the lock that a log has one of. Each log
// has a PostgreSQL (fsync on) and a broker of its own.
const { values: options } = parseArgs({
  options: {
    scale: { type: 'boolean' },
    reports: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '2' },
    processes: { type: 'string', default: '1,2,4' },
  },
});
const REPORTS = Number(options.reports);
const PROCESSES = options.processes.split(',').map(Number);
const say = (text: string): void => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

async function main(): Promise<void> {
  const own = makeTestFolder();
  process.env[RUN_MARK] = own;
  const services: LogServices[] = [];
  try {
    for (const name of ['a', 'b']) {
      const folder = path.join(own, name);
      mkdirSync(folder);
      services.push(await startLogServices(folder));
    }
    await measure(services);
  } finally {
    for (const one of services) await one.stop();
    rmSync(own, { recursive: true, force: true });
  }
}

async function measure(services: readonly LogServices[]): Promise<void> {
  const [first] = services as [LogServices];
  const load = [loadavg()[0]];
  say('the lock of the counter …');
  const lock: LockModel = await measureLock(first.postgres.url);
  const runs: ScaleRun[] = [];
  for (let round = 1; round <= Number(options.rounds); round++) {
    for (const processes of PROCESSES) runs.push(told(await record([first], { processes, reports: REPORTS })));
    runs.push(told(await record(services, { processes: 1, reports: REPORTS })));
  }
  load.push(loadavg()[0]);
  const pool = createPool(first.postgres.url, { max: 1 });
  const machine = await describeMachine(pool);
  await pool.end();
  say(`\n${renderScale(runs, lock)}\n\n${JSON.stringify(machine)}`);
  const results = path.join(repositoryRoot(), '.local', 'bench');
  mkdirSync(results, { recursive: true });
  const file = path.join(results, `scale-${new Date().toISOString().replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ machine, load, reports: REPORTS, runs, lock }, null, 2)}\n`);
  say(`Raw figures: ${file}`);
}

function told(run: ScaleRun): ScaleRun {
  const cpu = run.runs.map(({ cpu: { ingest, postgres, kafka } }) => `${ingest} + ${postgres} + ${kafka}`).join('; ');
  say(
    `${run.logs} log(s), ${run.processes} process(es) each: ${run.reportsPerSecond} reports/s; CPU per report, ingest + PostgreSQL + Kafka: ${cpu} µs; ${run.busyCores} cores busy`,
  );
  return run;
}

await main();
