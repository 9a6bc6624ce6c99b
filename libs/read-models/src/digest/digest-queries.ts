import { BALANCE_SUMS } from '../project/balance-sums.js';
import { BALANCE_KEY, balancesOfPostings } from '../project/balances-of-postings.js';
import type { Tables } from '../project/tables.js';
import { VERSION_COLUMNS } from '../project/version-columns.js';
import type { ReadModelTable } from '../rows.js';

/** Which part of a table's history a digest covers. */
export interface DigestRange {
  /** Only what changed after this position; from the beginning when absent. */
  after?: number;
  /** As the table was when this position was its last; its present state when absent. */
  upTo?: number;
}

/** Bounds of a range as the queries use them: changes in (first, last]. */
interface Bounds {
  first: number;
  last: number;
  /** Whether the present state is asked for, which only the balances tell apart. */
  isPresent: boolean;
}

/**
 * One SELECT per table, of one row with the digest in hex. SHA-256 of every row in its binary form (the same on every
 * server and in every locale), masked to what was known at `upTo`; the hashes of a bucket in the order of the positions
 * and then of the hashes, hashed together; and the buckets in their order, hashed once more. No row leaves the server,
 * and what is sorted is small: sorting whole rows by their texts took most of a rebuild.
 */
export function digestQuery(table: ReadModelTable, tables: Tables, { after, upTo }: DigestRange): string {
  const bounds = { first: after ?? -1, last: upTo ?? Number.MAX_SAFE_INTEGER, isPresent: upTo === undefined };
  return `
    SELECT encode(sha256(coalesce(string_agg(hash, ''::bytea ORDER BY bucket), ''::bytea)), 'hex') AS digest FROM (
      SELECT bucket, sha256(string_agg(hash, ''::bytea ORDER BY at, hash)) AS hash
        FROM (${ROW_HASHES[table](tables, bounds)}) AS hashed GROUP BY bucket) AS buckets`;
}

/** Positions of one bucket share their higher bits: 256 of them, so that a bucket of a log of any size fits into memory. */
const BUCKET_BITS = 8;

/** (bucket, at, hash) of each row. */
const ROW_HASHES: Record<ReadModelTable, (tables: Tables, bounds: Bounds) => string> = {
  report: (tables, bounds) =>
    hashes(
      'from_position',
      `SELECT incident_id, from_position, ${masked(bounds)} AS to_position, event_id, kind, source, report_id, revision,
              published_at, body
         FROM ${tables.report} WHERE ${lasting(bounds)}`,
    ),
  incident_version: (tables, bounds) =>
    hashes(
      'from_position',
      `SELECT incident_id, from_position, ${masked(bounds)} AS to_position, version, ${VERSION_COLUMNS}
         FROM ${tables.incident_version} WHERE ${lasting(bounds)}`,
    ),
  posting: (tables, { first, last }) =>
    `SELECT r.position >> ${BUCKET_BITS} AS bucket, r.position AS at, sha256(record_send(r)) AS hash
       FROM ${tables.posting} AS r WHERE r.position > ${first} AND r.position <= ${last}`,
  // A balance has no position; its bucket is its month.
  balance: (tables, { first, last, isPresent }) =>
    `SELECT r.month AS bucket, 0 AS at, sha256(record_send(r)) AS hash
       FROM (${isPresent ? presentBalances(tables) : balancesOfPostings(tables, { after: first, upTo: last })}) AS r`,
  // The last moment may have been cut by `upTo`: then its last position is `upTo`.
  moment: (tables, { first, last }) =>
    hashes(
      'position',
      `SELECT recorded_at, least(position, ${last}) AS position FROM (
         SELECT recorded_at, position, coalesce(lag(position) OVER (ORDER BY position), -1) AS previous
           FROM ${tables.moment}) m
        WHERE previous < ${last} AND position > ${first}`,
    ),
  publisher: (tables, { first, last }) =>
    hashes(
      'first_position',
      `SELECT publisher, first_position FROM ${tables.publisher}
        WHERE first_position > ${first} AND first_position <= ${last}`,
    ),
};

function hashes(position: string, rows: string): string {
  return `SELECT r.${position} >> ${BUCKET_BITS} AS bucket, r.${position} AS at, sha256(record_send(r)) AS hash
            FROM (${rows}) AS r`;
}

function lasting({ first, last }: Bounds): string {
  return `from_position <= ${last} AND (from_position > ${first} OR to_position > ${first})`;
}

function masked({ last }: Bounds): string {
  return `CASE WHEN to_position <= ${last} THEN to_position END`;
}

function presentBalances(tables: Tables): string {
  const nonZero = BALANCE_SUMS.map((column) => `${column} <> 0`).join(' OR ');
  const sums = BALANCE_SUMS.map((column) => `${column}::bigint`).join(', ');
  return `SELECT ${BALANCE_KEY.join(', ')}, ${sums} FROM ${tables.balance} WHERE ${nonZero}`;
}
