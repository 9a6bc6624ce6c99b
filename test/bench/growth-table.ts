import type { AppendTurn } from './growth-append.js';
import type { GrownName } from './growth-folder.js';
import type { ReadingTurn } from './growth-reading.js';
import { percentile } from './machine.js';
import { type BenchRow, perSecond } from './table.js';

/** Of the large log to the small one. */
const RATIO_MAX = 1.5;

const median = (values: readonly number[]): number => percentile(values, 50);

interface Turn {
  round: number;
  name: GrownName;
}

/** Each round's own ratio, since both sides of it had the same noise; the median of them counts. */
function ratioOf<T extends Turn>(turns: readonly T[], cost: (turn: T) => number): number {
  const large = turns.filter(({ name }) => name === 'large');
  const ratios = large.flatMap((one) => {
    const small = turns.find(({ name, round }) => name === 'small' && round === one.round);
    return small === undefined ? [] : [cost(one) / cost(small)];
  });
  return median(ratios);
}

const ofMedian = <T extends Turn>(turns: readonly T[], name: GrownName, cost: (turn: T) => number): number =>
  median(turns.filter((turn) => turn.name === name).map(cost));

/** What it costs at each size, and how many times as much at the larger one. */
export function growthRows(appends: readonly AppendTurn[], readings: readonly ReadingTurn[]): BenchRow[] {
  return [
    row(appends, {
      what: 'append, Kafka → durable in the log: time',
      cost: ({ reportsPerSecond }) => 1 / reportsPerSecond,
      text: (cost) => perSecond(1 / cost, 'reports'),
      isJudged: true,
    }),
    row(appends, {
      what: 'append: CPU of a report, ingest and PostgreSQL',
      cost: ({ cpu }) => cpu.ingest + cpu.postgres,
      text: (cost) => `${Math.round(cost)} µs`,
    }),
    row(appends, {
      what: 'append: WAL of a report, right after a checkpoint',
      cost: ({ walBytes }) => walBytes,
      text: (cost) => `${Math.round(cost)} bytes`,
    }),
    ...[...new Set(readings.map(({ what }) => what))].flatMap((what) => {
      const turns = readings.filter((turn) => turn.what === what);
      const rows = (name: GrownName): string => `${Math.round(ofMedian(turns, name, (turn) => turn.rows))} rows`;
      const ms = (cost: number): string => `${cost.toFixed(1)} ms`;
      return [
        row(turns, {
          what: `${what} (${rows('small')}, ${rows('large')}): p50`,
          cost: ({ databaseMs }) => databaseMs.p50,
          text: ms,
          isJudged: true,
        }),
        row(turns, {
          // A longer log fills cells that were empty: what grows by that is the answer.
          what: `${what}: p50, for each row of the answer`,
          cost: (turn) => turn.databaseMs.p50 / turn.rows,
          text: (cost) => `${(cost * 1_000).toFixed(1)} µs`,
          isJudged: true,
        }),
        row(turns, { what: `${what}: p99`, cost: ({ databaseMs }) => databaseMs.p99, text: ms }),
        row(turns, { what: `${what}: CPU of the server`, cost: ({ cpuMs }) => cpuMs, text: ms }),
      ];
    }),
  ];
}

interface Compared<T extends Turn> {
  what: string;
  cost: (turn: T) => number;
  text: (cost: number) => string;
  isJudged?: boolean;
}

function row<T extends Turn>(turns: readonly T[], { what, cost, text, isJudged = false }: Compared<T>): BenchRow {
  const ratio = ratioOf(turns, cost);
  return {
    what,
    ours: text(ofMedian(turns, 'large', cost)),
    beside: text(ofMedian(turns, 'small', cost)),
    ratio,
    target: isJudged ? `≤ ${RATIO_MAX} ×` : '',
    met: !isJudged || ratio <= RATIO_MAX,
  };
}
