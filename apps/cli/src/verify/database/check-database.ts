import { type Database, DEFAULT_LOG_ID } from '#app/log';
import { HASH_BYTES } from '#app/transparency';
import { count, type Output } from '../../terminal/output.js';
import { type Check, type Finding, Findings } from '../findings.js';
import { type SealedStore, settle } from './check-committed.js';
import type { CheckedDatabase } from './check-page.js';
import { checkStreams } from './check-streams.js';
import { type Difference, SequenceComparison } from './compare-sequences.js';
import { Erasures, readErasures } from './erasures.js';
import { inProcessPages, type PageRunner } from './page-runner.js';
import { PublishedHashes, type PublishedLog } from './published-hashes.js';
import { type RowPage, RowPages, textsOf } from './row-pages.js';

export interface DatabaseCheckOptions {
  /** Findings of each check. */
  limit: number;
  output: Output;
  /** What checks the pages of rows; this thread when absent. */
  runner?: PageRunner;
}

/** Holds every row of the log against the published leaf of its position, and what stands beside a leaf against the leaf. */
export async function checkDatabase(
  database: CheckedDatabase,
  log: PublishedLog,
  { limit, output, runner = inProcessPages(database) }: DatabaseCheckOptions,
): Promise<Check[]> {
  const { db, sealed } = database;
  const { size } = log.tree.head;
  const findings = { columns: new Findings(limit), streams: new Findings(limit), committed: new Findings(limit) };
  const erasures = sealed === null ? new Erasures() : await readErasures(db);
  const comparison = new SequenceComparison(size, limit);
  const progress = output.progress('comparing', size, 'rows');
  const pages = new RowPages(runner, {
    ...{ size, erasures, limit },
    onPage: async ({ columns, streams, committed, lost }) => {
      findings.columns.add(...columns);
      findings.streams.add(...streams);
      findings.committed.add(...committed);
      if (lost.length > 0 && !findings.committed.isFull)
        findings.committed.add(...settle(lost, await readErasures(db)));
      progress.update(Math.min(pages.seen, size));
    },
  });
  try {
    await compare(comparison, new PublishedHashes(log), pages);
    await pages.finish();
    await checkStreams(db, { last: pages.last, touched: pages.touched, size }, findings.streams);
  } finally {
    progress.stop();
  }
  const differences = new Findings(limit);
  differences.add(...comparison.differences().map((one) => toFinding(one, size)));
  if (differences.list.length === 0) differences.add(...(await checkHead(db)));
  const seen = `${count(pages.seen)} rows`;
  return [
    differences.toCheck('database', `${seen}, of which the first ${count(size)} are what was published`),
    findings.columns.toCheck('columns', 'the columns say what the leaves beside them say'),
    findings.streams.toCheck('streams', 'event_stream names the streams that the leaves touch'),
    ...(sealed === null ? [] : [findings.committed.toCheck('committed', committedWell(sealed))]),
  ];
}

function committedWell({ masterKey }: SealedStore): string {
  const there = 'what leaves committed to is there, or the log says that it was erased';
  return masterKey === null ? there : `${there}; every value is the one that was committed to`;
}

async function compare(comparison: SequenceComparison, published: PublishedHashes, pages: RowPages): Promise<void> {
  for (let wanted = comparison.wanted(); wanted !== 'NOTHING'; wanted = comparison.wanted()) {
    if (comparison.isEven && !pages.isEnded) await compareEven(comparison, published, pages);
    else if (wanted === 'PUBLISHED') await addPublished(comparison, published);
    else addPage(comparison, await pages.next());
  }
}

/** A page of rows and the tiles beside it: what is the same, as it nearly always is, goes through no window. */
async function compareEven(comparison: SequenceComparison, published: PublishedHashes, pages: RowPages): Promise<void> {
  const page = await pages.next();
  const hashes = page?.dense ?? null;
  if (hashes === null) return addPage(comparison, page);
  for (let at = 0; at < hashes.length; ) {
    const tile = await published.next();
    if (tile === null) return comparison.endPublished();
    if (!tile.equals(hashes.subarray(at, at + tile.length))) {
      comparison.addPublished(textsOf(tile));
      return comparison.addDatabase(textsOf(hashes.subarray(at)));
    }
    comparison.skipEqual(tile.length / HASH_BYTES);
    at += tile.length;
  }
}

async function addPublished(comparison: SequenceComparison, published: PublishedHashes): Promise<void> {
  const tile = await published.next();
  if (tile === null) comparison.endPublished();
  else comparison.addPublished(textsOf(tile));
}

function addPage(comparison: SequenceComparison, page: RowPage | null): void {
  if (page === null) comparison.endDatabase();
  else for (const hashes of page.texts()) comparison.addDatabase(hashes);
}

/** The counter and the last row, as of one moment: rows may not lie behind the head, and none before it may be gone. */
async function checkHead(db: Database): Promise<Finding[]> {
  const { rows } = await db.query<{ next: number; last: number | null }>(
    `SELECT next_position::float8 AS next, (SELECT max(position)::float8 FROM ledger.event e WHERE e.log_id = h.log_id) AS last
       FROM ledger.head h WHERE log_id = $1`,
    [DEFAULT_LOG_ID],
  );
  const { next = 0, last = null } = rows[0] ?? {};
  const end = (last ?? -1) + 1;
  if (end === next) return [];
  const kind = end < next ? 'TRUNCATED' : 'INSERTED';
  const position = Math.min(end, next);
  const detail = `the head of the log says that the next position is ${next}, and the last row is ${last ?? 'none'}: rows not published yet were ${end < next ? 'removed' : 'added'}`;
  return [{ kind, position, detail, count: Math.abs(end - next) }];
}

function toFinding({ kind, position, count: rows, with: other }: Difference, size: number): Finding {
  const range = rows === 1 ? `position ${position}` : `positions ${position} to ${position + rows - 1}`;
  const details: Record<Difference['kind'], string> = {
    CHANGED: `${range}: another leaf than the published one`,
    REMOVED: `${range}: published, and not in the database any more`,
    INSERTED: `${range}: in the database, and not published; what follows is moved`,
    SWAPPED: `position ${position} has the leaf that was published at ${other}, and the other way round`,
    TRUNCATED: `the database ends before position ${position}; ${size} leaves are published`,
    APPENDED_AGAIN: `from position ${position} on nothing is what was published: the log was cut off there and written on with ${rows} or more other events`,
  };
  return { kind, position, detail: details[kind], count: rows };
}
