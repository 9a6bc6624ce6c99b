import { BALANCE_SUMS } from '../project/balance-sums.js';
import { BALANCE_CODES, balancesOfPostings } from '../project/balances-of-postings.js';
import { CANDIDATE_COLUMNS } from '../project/candidate-pairs.js';
import { PAIR_KEY, pairsOfCandidates } from '../project/pair-sums.js';
import type { Tables } from '../project/tables.js';
import { VERSION_COLUMNS } from '../project/version-columns.js';
import {
  digestedBalances,
  digestedPostings,
  hashedBalances,
  hashedPostings,
  numberedPostings,
} from '../project/words-of-codes.js';
import type { ComparedTable } from '../rows.js';

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
 * One SELECT per table, of one row with the digest in hex, by DIGEST_ALGORITHM (docs/snapshots.md). SHA-256 of every row in its binary form (the same on every
 * server and in every locale), masked to what was known at `upTo`; the hashes of a bucket in the order of the positions
 * and then of the hashes, hashed together; and the buckets in their order, hashed once more. No row leaves the server,
 * and what is sorted is small: sorting whole rows by their texts took most of a rebuild.
 */
export function digestQuery(table: ComparedTable, tables: Tables, range: DigestRange): string {
  return `
    SELECT encode(sha256(coalesce(string_agg(hash, ''::bytea ORDER BY bucket), ''::bytea)), 'hex') AS digest
      FROM (${bucketQuery(table, tables, range)}) AS buckets`;
}

/** One SELECT of a row per bucket, with its hash: what tells where two tables begin to differ. */
export function bucketQuery(table: ComparedTable, tables: Tables, range: DigestRange): string {
  return `
    SELECT bucket, sha256(string_agg(hash, ''::bytea ORDER BY at, hash)) AS hash
      FROM (${rowQuery(table, tables, range, 'sha256(record_send(r)) AS hash')}) AS hashed
     GROUP BY bucket`;
}

/** One SELECT of every row `r` that the digest covers: its bucket, its place in it, and what else is asked of it. */
export function rowQuery(table: ComparedTable, tables: Tables, range: DigestRange, asked: string): string {
  const { rows, bucket, at } = ROWS[table](tables, boundsOf(range));
  return `SELECT ${bucket} AS bucket, ${at} AS at, ${asked} FROM ${rows} AS r`;
}

/**
 * One SELECT per table, of one row with a checksum: how many rows, and two independent combinations of their 64-bit
 * hashes. It tells rows that differ by accident at a third of the cost of a digest, on one server; a digest, which
 * nobody can aim at, is what a replay gives.
 *
 * @param range `isNumberedAlike`: both sides of the comparison have the same numbers for the same words (codes.ts), so the
 *   numbers tell as much as the words, at half the cost
 */
export function checksumQuery(
  table: ComparedTable,
  tables: Tables,
  range: DigestRange & { isNumberedAlike?: boolean },
): string {
  const { rows, hashed = rows, numbered = hashed } = ROWS[table](tables, boundsOf(range));
  return `
    SELECT concat_ws(':', count(*), bit_xor(hash), sum((hash >> 33)::integer)) AS digest
      FROM (SELECT hash_record_extended(r, 0) AS hash FROM ${range.isNumberedAlike === true ? numbered : hashed} AS r) AS hashed`;
}

function boundsOf({ after, upTo }: DigestRange): Bounds {
  return { first: after ?? -1, last: upTo ?? Number.MAX_SAFE_INTEGER, isPresent: upTo === undefined };
}

/** Positions of one bucket share their higher bits: 256 of them, so that a bucket of a log of any size fits into memory. */
const BUCKET_BITS = 8;

/** What a FROM takes as `r`, and the bucket and order of a row in it. */
interface DigestedRows {
  rows: string;
  /** What a checksum takes instead, where it is cheaper. */
  hashed?: string;
  /** And where both sides have the same numbers for the same words. */
  numbered?: string;
  bucket: string;
  at: string;
}

const ROWS: Record<ComparedTable, (tables: Tables, bounds: Bounds) => DigestedRows> = {
  report: (tables, bounds) =>
    lasting(
      tables.report,
      'incident_id',
      'event_id, kind, source, report_id, revision, published_at, body, vague',
      bounds,
    ),
  decision: (tables, bounds) =>
    lasting(tables.decision, 'incident_id', 'seq, event_id, kind, other, actor, body', bounds),
  record: (tables, bounds) => lasting(tables.record, 'kind, key, stream', 'event_id, source, actor, body', bounds),
  candidate: (tables, bounds) => lasting(tables.candidate, 'a, b', CANDIDATE_COLUMNS.join(', '), bounds),
  incident_version: (tables, bounds) =>
    lasting(tables.incident_version, 'incident_id', `version, ${VERSION_COLUMNS}, survivor`, bounds),
  posting: (tables, { first, last }) => {
    const where = `p.position > ${first} AND p.position <= ${last}`;
    return {
      ...ordered('position', `(${digestedPostings(tables, where)})`),
      hashed: `(${hashedPostings(tables, where)})`,
      numbered: `(${numberedPostings(tables, where)})`,
    };
  },
  // A balance has no position; its bucket is its month.
  balance: (tables, { first, last, isPresent }) => {
    const balances = isPresent ? presentBalances(tables) : balancesOfPostings(tables, { after: first, upTo: last });
    return {
      rows: `(${digestedBalances(tables, balances)})`,
      hashed: `(${hashedBalances(tables, balances)})`,
      bucket: 'r.month',
      at: '0',
    };
  },
  // Those that stand now, as they are kept or as the candidates make them.
  pair: (tables, { isPresent }) => ({
    rows: `(SELECT key, ${PAIR_KEY.join(', ')}, pairs FROM ${isPresent ? tables.pair : `(${pairsOfCandidates(tables)}) p`} WHERE pairs <> 0)`,
    bucket: 'r.a_month',
    at: '0',
  }),
  // The last moment may have been cut by `upTo`: then its last position is `upTo`.
  moment: (tables, { first, last }) =>
    ordered(
      'position',
      `(SELECT recorded_at, least(position, ${last}) AS position FROM (
          SELECT recorded_at, position, coalesce(lag(position) OVER (ORDER BY position), -1) AS previous
            FROM ${tables.moment}) m
         WHERE previous < ${last} AND position > ${first})`,
    ),
  publisher: (tables, { first, last }) =>
    ordered(
      'first_position',
      `(SELECT publisher, first_position FROM ${tables.publisher}
         WHERE first_position > ${first} AND first_position <= ${last})`,
    ),
};

function ordered(position: string, rows: string): DigestedRows {
  return { rows, bucket: `r.${position} >> ${BUCKET_BITS}`, at: `r.${position}` };
}

/** Rows that begin or end within the range, as they stood at its last position: what ended them later is not known there. */
function lasting(table: string, name: string, columns: string, { first, last }: Bounds): DigestedRows {
  return ordered(
    'from_position',
    `(SELECT ${name}, from_position, CASE WHEN to_position <= ${last} THEN to_position END AS to_position, ${columns}
        FROM ${table}
       WHERE from_position <= ${last} AND (from_position > ${first} OR to_position > ${first} AND to_position <= ${last}))`,
  );
}

function presentBalances(tables: Tables): string {
  const nonZero = BALANCE_SUMS.map((column) => `${column} <> 0`).join(' OR ');
  const sums = BALANCE_SUMS.map((column) => `${column}::bigint`).join(', ');
  return `SELECT ${BALANCE_CODES.join(', ')}, ${sums} FROM ${tables.balance} WHERE ${nonZero}`;
}
