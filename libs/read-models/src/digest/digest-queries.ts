import { BALANCE_SUMS } from '../project/balance-sums.js';
import { BALANCE_KEY, balancesOfPostings } from '../project/balances-of-postings.js';
import { POSTING_COLUMNS } from '../project/posting-line.js';
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
 * One SELECT per table: every column, in the order of its key, masked to what was known at `upTo`.
 *
 * Texts are compared byte by byte (COLLATE "C"), because a rebuilt table may be checked on a server with other locales.
 */
export function digestQuery(table: ReadModelTable, tables: Tables, { after, upTo }: DigestRange): string {
  const bounds = { first: after ?? -1, last: upTo ?? Number.MAX_SAFE_INTEGER, isPresent: upTo === undefined };
  return QUERIES[table](tables, bounds);
}

const QUERIES: Record<ReadModelTable, (tables: Tables, bounds: Bounds) => string> = {
  report: (tables, bounds) => `
    SELECT incident_id, from_position, ${masked(bounds)}, event_id, kind, source, report_id, revision, published_at,
           encode(sha256(convert_to(body, 'UTF8')), 'hex')
      FROM ${tables.report} WHERE ${lasting(bounds)} ORDER BY from_position, incident_id`,
  incident_version: (tables, bounds) => `
    SELECT incident_id, from_position, ${masked(bounds)}, version, ${VERSION_COLUMNS}
      FROM ${tables.incident_version} WHERE ${lasting(bounds)} ORDER BY from_position, incident_id`,
  posting: (tables, { first, last }) => `
    SELECT ${POSTING_COLUMNS} FROM ${tables.posting} WHERE position > ${first} AND position <= ${last}
     ORDER BY position, incident_id, boundary COLLATE "C", measure COLLATE "C", part COLLATE "C", ${POSTING_REST}`,
  balance: (tables, { first, last, isPresent }) =>
    isPresent
      ? presentBalances(tables)
      : `${balancesOfPostings(tables, { after: first, upTo: last })} ${inOrder(BALANCE_KEY)}`,
  // The last moment may have been cut by `upTo`: then its last position is `upTo`.
  moment: (tables, { first, last }) => `
    SELECT recorded_at, least(position, ${last}) FROM (
      SELECT recorded_at, position, coalesce(lag(position) OVER (ORDER BY position), -1) AS previous FROM ${tables.moment}) m
     WHERE previous < ${last} AND position > ${first} ORDER BY position`,
  publisher: (tables, { first, last }) => `
    SELECT publisher, first_position FROM ${tables.publisher}
     WHERE first_position > ${first} AND first_position <= ${last} ORDER BY publisher COLLATE "C"`,
};

/** One event can move an incident between months or countries: these tell its postings on one measure apart. */
const POSTING_REST = `start_date, publisher COLLATE "C", country COLLATE "C", admin1 COLLATE "C", admin2 COLLATE "C",
  incident_type COLLATE "C", verification COLLATE "C"`;

function lasting({ first, last }: Bounds): string {
  return `from_position <= ${last} AND (from_position > ${first} OR to_position > ${first})`;
}

function masked({ last }: Bounds): string {
  return `CASE WHEN to_position <= ${last} THEN to_position END`;
}

function presentBalances(tables: Tables): string {
  const nonZero = BALANCE_SUMS.map((column) => `${column} <> 0`).join(' OR ');
  const sums = BALANCE_SUMS.map((column) => `${column}::bigint`).join(', ');
  return `SELECT ${BALANCE_KEY.join(', ')}, ${sums} FROM ${tables.balance} WHERE ${nonZero} ${inOrder(BALANCE_KEY)}`;
}

function inOrder(columns: readonly string[]): string {
  return `ORDER BY ${columns.map((column) => (column === 'month' ? column : `${column} COLLATE "C"`)).join(', ')}`;
}
