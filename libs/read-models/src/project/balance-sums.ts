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

/** The month of the balances that hold the sum over all months: a figure of all time is a few rows, not thousands. */
export const ALL_MONTHS = '-infinity';

type Cells = Map<string, BalanceCell>;

/** The postings of one batch, summed at the grains of `balance`, so that a cell is touched once a batch. */
export class BalanceSums {
  /** By everything but measure and part, then by these: the postings of an incident share the first key. */
  readonly #cells = new Map<string, Cells>();
  #last: { posting: Posting; ofMonth: Cells; ofAll: Cells } | null = null;

  add(posting: Posting): void {
    const last = this.#last !== null && isBeside(this.#last.posting, posting) ? this.#last : this.#cellsBeside(posting);
    const key = `${posting.measure}|${posting.part}`;
    const ofMonth = last.ofMonth.get(key);
    if (ofMonth === undefined) last.ofMonth.set(key, { posting, sums: sumsOf(posting) });
    else addTo(ofMonth.sums, posting);
    const ofAll = last.ofAll.get(key);
    if (ofAll === undefined) last.ofAll.set(key, { posting: { ...posting, month: ALL_MONTHS }, sums: sumsOf(posting) });
    else addTo(ofAll.sums, posting);
  }

  /** The changed cells; those whose changes cancel are left out. */
  changed(): BalanceCell[] {
    const changed: BalanceCell[] = [];
    for (const cells of this.#cells.values()) {
      for (const cell of cells.values()) if (cell.sums.some((sum) => sum !== 0)) changed.push(cell);
    }
    return changed;
  }

  #cellsBeside(posting: Posting): { posting: Posting; ofMonth: Cells; ofAll: Cells } {
    const ofMonth = this.#cellsOf(keyOf(posting, posting.month));
    const ofAll = this.#cellsOf(keyOf(posting, ALL_MONTHS));
    this.#last = { posting, ofMonth, ofAll };
    return this.#last;
  }

  #cellsOf(key: string): Cells {
    let cells = this.#cells.get(key);
    if (cells === undefined) {
      cells = new Map();
      this.#cells.set(key, cells);
    }
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
  /** Any posting of the cell, its month ALL_MONTHS for a cell of all time: its key columns are those of the cell. */
  posting: Posting;
  /** In the order of BALANCE_SUMS. */
  sums: number[];
}

/** The publisher comes last: it is the only member that a stranger chooses, so no two cells can get the same key. */
function keyOf(p: Posting, month: string): string {
  return `${p.boundary}|${p.country}|${month}|${p.admin1}|${p.incidentType}|${p.verification}|${p.publisher}`;
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
