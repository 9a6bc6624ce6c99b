import { type Database, DEFAULT_LOG_ID } from '#app/log';
import {
  decodeBundle,
  leafHashes,
  MalformedTileError,
  splitHashes,
  TILE_WIDTH,
  tileOf,
  type TileReader,
} from '#app/transparency';
import { CommandError, EXIT } from '../../exit-codes.js';
import { count, type Output } from '../../terminal/output.js';
import { placesOf, readBundle } from '../check-range.js';
import { type Check, type Finding, Findings } from '../findings.js';
import type { LogSource } from '../log-source.js';
import type { SignedTree } from '../signed-tree.js';
import { checkColumns, type Cursors } from './check-columns.js';
import { CommittedCheck, type SealedStore } from './check-committed.js';
import { StreamsCheck } from './check-streams.js';
import { type Difference, SequenceComparison } from './compare-sequences.js';
import { type EventRow, eventRows, hashesOf } from './event-rows.js';

/** A published log, as the database is held against it. */
export interface PublishedLog {
  tree: SignedTree;
  read: TileReader;
  source: LogSource;
}

interface DatabaseFindings {
  columns: Findings;
  streams: Findings;
  committed: Findings;
}

/** The rows of a log, and what they committed to. */
export interface CheckedDatabase {
  /** Reads the log. */
  db: Database;
  /** Null where the vault is not at hand: what leaves committed to is then not looked for. */
  sealed: SealedStore | null;
}

/** Holds every row of the log against the published leaf of its position, and what stands beside a leaf against the leaf. */
export async function checkDatabase(
  database: CheckedDatabase,
  log: PublishedLog,
  { limit, output }: { limit: number; output: Output },
): Promise<Check[]> {
  const { db } = database;
  const { size } = log.tree.head;
  const findings = { columns: new Findings(limit), streams: new Findings(limit), committed: new Findings(limit) };
  const rows = new RowReader(database, await readCursors(db), findings);
  const comparison = new SequenceComparison(size, limit);
  const progress = output.progress('comparing', size, 'rows');
  try {
    await compare(comparison, hashesOfLog(log), rows, (done) => progress.update(Math.min(done, size)));
    await rows.finish();
  } finally {
    progress.stop();
  }
  const differences = new Findings(limit);
  differences.add(...comparison.differences().map((one) => toFinding(one, size)));
  if (differences.list.length === 0) differences.add(...(await checkHead(db)));
  const seen = `${count(rows.seen)} rows`;
  return [
    differences.toCheck('database', `${seen}, of which the first ${count(size)} are what was published`),
    findings.columns.toCheck('columns', 'the columns say what the leaves beside them say'),
    findings.streams.toCheck('streams', 'event_stream names the streams that the leaves touch'),
    ...(database.sealed === null ? [] : [findings.committed.toCheck('committed', committedWell(database.sealed))]),
  ];
}

function committedWell({ masterKey }: SealedStore): string {
  const there = 'what leaves committed to is there, or the log says that it was erased';
  return masterKey === null ? there : `${there}; every value is the one that was committed to`;
}

async function compare(
  comparison: SequenceComparison,
  published: AsyncGenerator<string[], void, undefined>,
  rows: RowReader,
  onRows: (done: number) => void,
): Promise<void> {
  for (let wanted = comparison.wanted(); wanted !== 'NOTHING'; wanted = comparison.wanted()) {
    if (wanted === 'PUBLISHED') {
      const next = await published.next();
      if (next.done === true) comparison.endPublished();
      else comparison.addPublished(next.value);
    } else {
      const hashes = await rows.next();
      if (hashes === null) comparison.endDatabase();
      else comparison.addDatabase(hashes);
      onRows(rows.seen);
    }
  }
}

/** Rows in their order, checked on the way for what is beside their leaves. */
class RowReader {
  seen = 0;
  readonly #pages: AsyncGenerator<EventRow[], void, undefined>;
  readonly #streams: StreamsCheck;
  readonly #committed: CommittedCheck | null;
  #pieces: Generator<(string | null)[], void, undefined> | null = null;
  #next = 0;

  constructor(
    { db, sealed }: CheckedDatabase,
    private readonly cursors: Cursors,
    private readonly findings: DatabaseFindings,
  ) {
    this.#pages = eventRows(db);
    this.#streams = new StreamsCheck(db, findings.streams);
    this.#committed = sealed === null ? null : new CommittedCheck(db, sealed, findings.committed);
  }

  /** Hashes of the next positions; null behind the last row. */
  async next(): Promise<(string | null)[] | null> {
    for (;;) {
      const piece = this.#pieces?.next();
      if (piece !== undefined && piece.done !== true) return piece.value;
      const page = await this.#page();
      if (page === null) return null;
      this.#pieces = hashesOf(page, this.#next);
      this.#next = (page.at(-1) as EventRow).position + 1;
    }
  }

  /** Reads on to the end: what stands beside leaves that are not published yet counts as well. */
  async finish(): Promise<void> {
    while ((await this.#page()) !== null);
    await this.#streams.finish();
  }

  async #page(): Promise<EventRow[] | null> {
    const page = await this.#pages.next();
    if (page.done === true) return null;
    const rows = page.value;
    this.seen += rows.length;
    for (const row of rows)
      if (!this.findings.columns.isFull) this.findings.columns.add(...checkColumns(row, this.cursors));
    await this.#streams.add(rows);
    await this.#committed?.add(rows);
    return rows;
  }
}

/** Leaf hashes as the signed root vouches for them; where the tiles above are damaged, as the tile or the bundle has them. */
async function* hashesOfLog({ tree, read, source }: PublishedLog): AsyncGenerator<string[], void, undefined> {
  const { size } = tree.head;
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const hashes =
      (await tree.tile(0, index)) ?? (await fromBundle(source, index, size)) ?? (await fromTile(read, index, size));
    if (hashes === null) {
      const what = `the published entries ${index * TILE_WIDTH} and following are missing: the database cannot be compared`;
      throw new CommandError(what, EXIT.failed);
    }
    yield splitHashes(hashes).map((hash) => hash.toString('latin1'));
  }
}

async function fromBundle(source: LogSource, index: number, size: number): Promise<Buffer | null> {
  const [place] = placesOf({ first: index, count: 1, size });
  const { width } = place as { width: number };
  const { bundle } = await readBundle(source.read, { index, width });
  if (bundle === null) return null;
  return orNull(async () => leafHashes(decodeBundle(Buffer.from(bundle), width)));
}

async function fromTile(read: TileReader, index: number, size: number): Promise<Buffer | null> {
  return orNull(() => read(tileOf(0, index * TILE_WIDTH, size)));
}

async function orNull(work: () => Promise<Buffer>): Promise<Buffer | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MalformedTileError) return null;
    throw error;
  }
}

async function readCursors(db: Database): Promise<Cursors> {
  const { rows } = await db.query<{ id: number; place: string }>(
    "SELECT cursor_id AS id, cluster || ' ' || topic || ' ' || partition AS place FROM ledger.kafka_cursor",
  );
  return new Map(rows.map(({ id, place }) => [id, place]));
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
