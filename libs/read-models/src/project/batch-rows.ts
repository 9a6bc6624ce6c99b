import type { BalanceSums } from './balance-sums.js';
import { CopyLines } from './copy-lines.js';

/** A row with a beginning and, once something replaced it, an end; as the middle of a COPY line. */
interface LastingRow {
  incidentId: string;
  from: number;
  to: number | null;
  columns: string;
}

export interface Closing {
  incidentId: string;
  from: number;
  to: number;
}

/**
 * Rows that last for a range of positions, gathered for one batch. A row that is opened and closed within the batch is
 * written once, closed; only rows of earlier batches cost an UPDATE.
 */
export class LastingRows {
  /** By position: an event opens at most one row in a table. */
  readonly #opened = new Map<number, LastingRow>();
  readonly closings: Closing[] = [];

  open(incidentId: string, from: number, columns: string): void {
    this.#opened.set(from, { incidentId, from, to: null, columns });
  }

  close(incidentId: string, from: number, to: number): void {
    const opened = this.#opened.get(from);
    if (opened === undefined) this.closings.push({ incidentId, from, to });
    else opened.to = to;
  }

  /** Lines for COPY (incident_id, from_position, to_position, …). */
  copyLines(): CopyLines {
    const lines = new CopyLines();
    for (const { incidentId, from, to, columns } of this.#opened.values()) {
      lines.add(`${incidentId}\t${from}\t${to ?? '\\N'}\t${columns}\n`);
    }
    return lines;
  }
}

/** Everything that one batch writes. */
export interface BatchRows {
  reports: LastingRows;
  versions: LastingRows;
  postings: CopyLines;
  /** Null while balances are not kept. */
  balances: BalanceSums | null;
  /** recordedAt in milliseconds → the last position recorded then. */
  moments: Map<number, number>;
  /** publisher → position of its first posting. */
  publishers: Map<string, number>;
  /** How many postings each event caused, for the trace from event to posting. */
  traces: { position: number; eventId: string; postings: number }[];
}
