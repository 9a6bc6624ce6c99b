import type { IncidentFigures } from '#app/domain';
import type { BalanceSums } from './balance-sums.js';
import type { CodeRow } from '../rows.js';
import type { Codes } from './codes.js';
import { CopyLines } from './copy-lines.js';

/** A row with a beginning and, once something replaced it, an end; as the parts of a COPY line. */
interface LastingRow {
  /** The columns that name the thing, which may have many rows after one another. */
  name: string;
  /** What tells rows of one thing and one position apart; '' where there is at most one. */
  part: string;
  from: number;
  to: number | null;
  columns: string;
}

export interface Closing {
  name: string;
  part: string;
  from: number;
  to: number;
}

/**
 * Rows that last for a range of positions, gathered for one batch. A row that is opened and closed within the batch is
 * written once, closed; only rows of earlier batches cost an UPDATE.
 */
export class LastingRows {
  readonly #opened = new Map<number, LastingRow[]>();
  readonly closings: Closing[] = [];

  open(name: string, from: number, columns: string, part = ''): void {
    const row = { name, part, from, to: null, columns };
    const beside = this.#opened.get(from);
    if (beside === undefined) this.#opened.set(from, [row]);
    else beside.push(row);
  }

  close(name: string, from: number, to: number, part = ''): void {
    const opened = this.#opened.get(from)?.find((row) => row.name === name && row.part === part);
    if (opened === undefined) this.closings.push({ name, part, from, to });
    else opened.to = to;
  }

  /** Lines for COPY (name, from_position, to_position, …). */
  copyLines(): CopyLines {
    const lines = new CopyLines();
    for (const rows of this.#opened.values()) {
      for (const { name, from, to, columns } of rows) lines.add(`${name}\t${from}\t${to ?? '\\N'}\t${columns}\n`);
    }
    return lines;
  }
}

/** What may make or end a pair of incidents that may be one: in the order of the positions. */
export type CandidateChange =
  | {
      kind: 'FIGURES';
      position: number;
      incidentId: string;
      /** Null: it did not count, or does not any more (withdrawn, or merged into another). */
      before: IncidentFigures | null;
      after: IncidentFigures | null;
    }
  | { kind: 'REJECTED'; position: number; a: string; b: string };

/** Everything that one batch writes. */
export interface BatchRows {
  reports: LastingRows;
  decisions: LastingRows;
  /** Their standing row is closed by its name alone: `from` of a closing is not used. */
  records: LastingRows;
  versions: LastingRows;
  postings: CopyLines;
  /** Of the tables that the rows are for: gives postings the numbers of their words. */
  codes: Codes;
  /** Numbers that no earlier batch has. */
  addedCodes: CodeRow[];
  /** Null while balances are not kept. */
  balances: BalanceSums | null;
  candidates: CandidateChange[];
  /** recordedAt in milliseconds → the last position recorded then. */
  moments: Map<number, number>;
  /** publisher → position of its first posting. */
  publishers: Map<string, number>;
  /** How many postings each event caused, for the trace from event to posting. */
  traces: { position: number; eventId: string; postings: number }[];
  /** Number of the conversion policy in force after the batch. */
  policy: number;
}
