import type { Database } from '#app/log';
import { type Finding, Findings } from '../findings.js';
import { checkColumns, type Cursors } from './check-columns.js';
import { checkCommitted, type Committed, committedOf, type Lost, type SealedStore } from './check-committed.js';
import type { Erased } from './erasures.js';
import { eventOf, hashesOf, readRows, type RowSpan, type StoredRow } from './event-rows.js';
import { NamedStreams } from './named-streams.js';

/** The rows of a log, and what they committed to. */
export interface CheckedDatabase {
  /** Reads the log. */
  db: Database;
  /** Null where the vault is not at hand: what leaves committed to is then not looked for. */
  sealed: SealedStore | null;
}

/** A page of rows to be checked. It can be sent between threads. */
export interface PageJob extends RowSpan {
  /** Of events on this page. */
  erased: Erased;
  /** Findings of each check. */
  limit: number;
}

/** What was found beside the leaves of a page, and the hashes by which the leaves themselves are compared. */
export interface CheckedPage {
  from: number;
  rows: number;
  /** Of its rows; null where every position from `from` on has one. */
  positions: number[] | null;
  /** RFC 6962, of its rows, one behind the other. */
  hashes: Uint8Array;
  columns: readonly Finding[];
  streams: readonly Finding[];
  committed: readonly Finding[];
  lost: readonly Lost[];
  /** How many rows of event_stream there must be for these events. */
  touched: number;
}

/** Checks pages by one connection to each store. */
export class PageCheck {
  #cursors: Promise<Cursors> | null = null;

  constructor(private readonly database: CheckedDatabase) {}

  /** The rows of a page, to be checked in a second step: they can be on their way while others are worked on. */
  read(job: PageJob): Promise<StoredRow[]> {
    return readRows(this.database.db, job);
  }

  async check({ from, erased, limit }: PageJob, rows: readonly StoredRow[]): Promise<CheckedPage> {
    const { db, sealed } = this.database;
    const cursors = await (this.#cursors ??= readCursors(db));
    const columns = new Findings(limit);
    const events: Committed[] = [];
    const named = new NamedStreams();
    for (const stored of rows) {
      const row = { ...stored, event: eventOf(stored.leaf) };
      if (!columns.isFull) columns.add(...checkColumns(row, cursors));
      named.add(row);
      if (sealed !== null) events.push(...committedOf(row));
    }
    const streams = await named.check(db);
    const committed = sealed === null ? NOTHING_COMMITTED : await checkCommitted(sealed, events, erased);
    const isDense = rows.every(({ position }, index) => position === from + index);
    return {
      from,
      rows: rows.length,
      positions: isDense ? null : rows.map(({ position }) => position),
      hashes: hashesOf(rows),
      columns: columns.list,
      streams: streams.slice(0, limit),
      committed: committed.findings.slice(0, limit),
      lost: committed.lost,
      touched: named.touched,
    };
  }
}

const NOTHING_COMMITTED = { findings: [], lost: [] };

async function readCursors(db: Database): Promise<Cursors> {
  const { rows } = await db.query<{ id: number; place: string }>(
    "SELECT cursor_id AS id, cluster || ' ' || topic || ' ' || partition AS place FROM ledger.kafka_cursor",
  );
  return new Map(rows.map(({ id, place }) => [id, place]));
}
