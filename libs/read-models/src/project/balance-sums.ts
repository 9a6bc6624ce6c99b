import type { Posting } from '#app/domain';
import type { CodedCell } from './codes.js';

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

/** The key of a balance but its month; see codes.ts. */
export interface BalanceKey extends Omit<CodedCell, 'area'> {
  figure: number;
}

export interface BalanceCell {
  key: BalanceKey;
  /** ALL_MONTHS for a cell of all time. */
  month: string;
  /** In the order of BALANCE_SUMS. */
  sums: number[];
}

/** The postings of one batch, summed at the grains of `balance`, so that a cell is touched once a batch. */
export class BalanceSums {
  /** By month and what an incident's postings share, then by figure. */
  readonly #cells = new Map<string, Map<number, BalanceCell>>();

  add(posting: Posting, cell: CodedCell, figure: number): void {
    for (const month of [posting.month, ALL_MONTHS]) {
      const name = `${cell.region}|${cell.publisher}|${cell.class}|${month}`;
      let ofIncident = this.#cells.get(name);
      if (ofIncident === undefined) this.#cells.set(name, (ofIncident = new Map()));
      const known = ofIncident.get(figure);
      if (known !== undefined) addTo(known.sums, posting);
      else {
        const { region, publisher, class: classCode } = cell;
        ofIncident.set(figure, { key: { region, publisher, class: classCode, figure }, month, sums: sumsOf(posting) });
      }
    }
  }

  /** The changed cells; those whose changes cancel are left out. */
  changed(): BalanceCell[] {
    const changed: BalanceCell[] = [];
    for (const cells of this.#cells.values()) {
      for (const cell of cells.values()) if (cell.sums.some((sum) => sum !== 0)) changed.push(cell);
    }
    return changed;
  }
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
