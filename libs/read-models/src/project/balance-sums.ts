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
  /** By everything but measure and part, then by these: the postings of an incident share the first key. */
  readonly #cells = new Map<string, Map<string, BalanceCell>>();
  #last: { posting: Posting; cells: Map<string, BalanceCell> } | null = null;

  add(posting: Posting): void {
    const cells =
      this.#last !== null && isBeside(this.#last.posting, posting) ? this.#last.cells : this.#cellsOf(posting);
    const key = `${posting.measure}|${posting.part}`;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, { posting, sums: sumsOf(posting) });
    else addTo(cell.sums, posting);
  }

  /** The changed cells; those whose changes cancel are left out. */
  changed(): BalanceCell[] {
    const changed: BalanceCell[] = [];
    for (const cells of this.#cells.values()) {
      for (const cell of cells.values()) if (cell.sums.some((sum) => sum !== 0)) changed.push(cell);
    }
    return changed;
  }

  #cellsOf(posting: Posting): Map<string, BalanceCell> {
    const key = keyOf(posting);
    let cells = this.#cells.get(key);
    if (cells === undefined) {
      cells = new Map();
      this.#cells.set(key, cells);
    }
    this.#last = { posting, cells };
    return cells;
  }
}

/** Postings of one event that differ in measure and part alone: their keys need not be made to see it. */
function isBeside(a: Posting, b: Posting): boolean {
  return (
    a.month === b.month &&
    a.admin1 === b.admin1 &&
    a.country === b.country &&
    a.verification === b.verification &&
    a.incidentType === b.incidentType &&
    a.boundary === b.boundary &&
    a.publisher === b.publisher
  );
}

export interface BalanceCell {
  /** Any posting of the cell: its key columns are those of the cell. */
  posting: Posting;
  /** In the order of BALANCE_SUMS. */
  sums: number[];
}

/** The publisher comes last: it is the only member that a stranger chooses, so no two cells can get the same key. */
function keyOf(p: Posting): string {
  return `${p.boundary}|${p.country}|${p.month}|${p.admin1}|${p.incidentType}|${p.verification}|${p.publisher}`;
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

function addTo(sums: number[], p: Posting): void {
  const deltas = sumsOf(p);
  for (let column = 0; column < deltas.length; column++) {
    sums[column] = (sums[column] as number) + (deltas[column] as number);
  }
}
