import type { IncidentFigures } from '#app/domain';
import type { BalanceSums } from './balance-sums.js';
import type { CodeRow } from '../rows.js';
import type { Codes } from './codes.js';
import type { LastingRows } from './lasting-rows.js';
import type { PostingRows } from './posting-rows.js';

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
  postings: PostingRows;
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
