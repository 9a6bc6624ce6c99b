import type { Posting } from '#app/domain';

/** The columns of `balance` after its key, in the order of the sums. */
export const BALANCE_SUMS = [
  'incidents',
  'lo',
  'hi',
  'open',
  'unknown',
  'conservative',
  'median',
  'max',
  'latest',
  'valued',
  'best',
  'best_valued',
] as const;

/** The postings of one batch, summed at the grain of `balance`, so that a cell is touched once a batch. */
export class BalanceSums {
  readonly #cells = new Map<string, BalanceCell>();

  add(posting: Posting): void {
    const key = keyOf(posting);
    const deltas = sumsOf(posting);
    const cell = this.#cells.get(key);
    if (cell === undefined) this.#cells.set(key, { posting, sums: deltas });
    else for (const [column, delta] of deltas.entries()) cell.sums[column] = (cell.sums[column] ?? 0) + delta;
  }

  /** The changed cells in key order (two writers would lock in one order); those whose changes cancel are left out. */
  changed(): BalanceCell[] {
    return [...this.#cells]
      .filter(([, { sums }]) => sums.some((sum) => sum !== 0))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, cell]) => cell);
  }
}

export interface BalanceCell {
  /** Any posting of the cell: its key columns are those of the cell. */
  posting: Posting;
  /** In the order of BALANCE_SUMS. */
  sums: number[];
}

/** The publisher comes last: it is the only member that a stranger chooses, so no two cells can get the same key. */
function keyOf(p: Posting): string {
  return `${p.boundary}|${p.country}|${p.month}|${p.admin1}|${p.incidentType}|${p.verification}|${p.measure}|${p.part}|${p.publisher}`;
}

function sumsOf(p: Posting): number[] {
  return [
    p.dIncidents,
    p.dLo,
    p.dHi,
    p.dOpen,
    p.dUnknown,
    p.dConservative,
    p.dMedian,
    p.dMax,
    p.dLatest,
    p.dValued,
    p.dBest,
    p.dBestValued,
  ];
}
