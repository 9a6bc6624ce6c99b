import { percentile } from './machine.js';
import type { Line, LockModel } from './scale-lock.js';
import type { ScaleRun } from './scale-log.js';
import { perSecond } from './table.js';

const BATCH = 500;
const median = (values: readonly number[]): number => percentile(values, 50);

/** Markdown: the median of each arrangement beside one log with one process, and the lock with the rate that it allows. */
export function renderScale(runs: readonly ScaleRun[], { holds, held, cpu: ofCpu }: LockModel): string {
  const names = [...new Set(runs.map(nameOf))];
  const of = (name: string): ScaleRun[] => runs.filter((run) => nameOf(run) === name);
  const rate = (name: string): number => median(of(name).map(({ reportsPerSecond }) => reportsPerSecond));
  const cpu = (name: string, part: 'ingest' | 'postgres' | 'kafka'): number =>
    Math.round(median(of(name).flatMap((run) => run.runs.map((one) => one.cpu[part]))));
  const [first = ''] = names;
  const rows = names.map(
    (name) =>
      `| ${name} | ${perSecond(rate(name), 'reports')} | ${(rate(name) / rate(first)).toFixed(2)} × | ${cpu(name, 'ingest')} + ${cpu(name, 'postgres')} + ${cpu(name, 'kafka')} µs | ${median(of(name).map(({ busyCores }) => busyCores))} |`,
  );
  const lock = holds.map(
    ({ events, append, commit, cpu: used }) =>
      `| ${events} | ${append.p10} / ${append.p50} µs | ${commit.p10} / ${commit.p50} µs | ${used} µs |`,
  );
  return [
    '| arrangement | together | beside the first | CPU of a report: ingest + PostgreSQL + Kafka | cores busy |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    '| events of a batch | append, fastest tenth / median | commit | CPU of both |',
    '|---|---|---|---|',
    ...lock,
    '',
    `Under the lock, fastest tenths: ${told(held)}. CPU alone: ${told(ofCpu)}.`,
  ].join('\n');
}

/** With the rate that it allows one log. */
function told({ batchUs, eventUs }: Line): string {
  const limit = 1e6 / (eventUs + batchUs / BATCH);
  return `${batchUs} µs a batch and ${eventUs} µs an event, so at most ${perSecond(limit, 'events')} in batches of ${BATCH}`;
}

function nameOf({ logs, processes }: ScaleRun): string {
  const each = `${processes} ${processes === 1 ? 'process' : 'processes'}`;
  return logs === 1 ? `one log, ${each}` : `${logs} logs, ${each} each`;
}
