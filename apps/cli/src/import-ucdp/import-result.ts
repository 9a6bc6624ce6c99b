import type { Taken } from '../publishing/await-log.js';
import type { RowProblem } from './map-rows.js';

/** What the import did; the JSON answer of the command. */
export interface ImportResult {
  file: string;
  release: string;
  releaseFrom: string;
  publishedAt: string;
  rows: number;
  /** Acknowledged by Kafka; null in a dry run. */
  published: number | null;
  /** What the log made of them; null when nobody waited. */
  taken: Taken | null;
  withdrawn: number | null;
  withoutCountry: number;
  problems: RowProblem[];
}
