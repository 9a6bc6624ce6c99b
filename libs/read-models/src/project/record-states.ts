import type { ClientBase, Pool } from 'pg';
import type { RecordKind, RecordRow } from '../rows.js';

import { copyJson, copyText } from './copy-text.js';
import type { LastingRows } from './lasting-rows.js';
import type { Tables } from './tables.js';

/** A row of `record` that stands. */
export interface StandingRecord extends Recorded {
  from: number;
}

/** What an event puts beside the incidents. `body` is JSON. */
export interface Recorded {
  kind: RecordKind;
  key: string;
  stream: string;
  eventId: string;
  source: string | null;
  actor: string;
  body: string;
}

/** Columns of `record` before from_position and after to_position. */
export const RECORD_NAME = 'kind, key, stream';
export const RECORD_COLUMNS = 'event_id, source, actor, body';

const standingOf = (tables: Tables): string => `
  SELECT kind, key, stream, from_position, event_id, source, actor, body FROM ${tables.record}
   WHERE stream = ANY (string_to_array($1, ',')::uuid[]) AND to_position IS NULL`;

type Standing = Map<string, StandingRecord>;

/**
 * What stands beside the incidents, by stream, for the streams that a batch touches. Those of the batch before are kept:
 * it may still be on its way to the database.
 */
export class RecordStates {
  #now = new Map<string, Standing>();
  #before = new Map<string, Standing>();
  /** Where the rows of the batch at hand go. */
  #rows: LastingRows | null = null;

  /** @param streams of the batch; loads those that are not known, in one query */
  async begin(db: Pool | ClientBase, tables: Tables, streams: ReadonlySet<string>): Promise<void> {
    const unknown: string[] = [];
    for (const stream of streams) {
      const known = this.#before.get(stream);
      if (known === undefined) unknown.push(stream);
      this.#now.set(stream, known ?? new Map());
    }
    if (unknown.length === 0) return;
    const { rows } = await db.query<RecordRow>(standingOf(tables), [unknown.join(',')]);
    for (const { kind, key, stream, from_position: from, event_id: eventId, source, actor, body } of rows) {
      this.#now.get(stream)?.set(`${kind} ${key}`, { kind, key, stream, from, eventId, source, actor, body });
    }
  }

  collectInto(rows: LastingRows): void {
    this.#rows = rows;
  }

  settle(): void {
    this.#before = this.#now;
    this.#now = new Map();
    this.#rows = null;
  }

  clear(): void {
    this.#before.clear();
    this.#now.clear();
    this.#rows = null;
  }

  /** The rows that stand in a stream that the event at hand needs. */
  standing(stream: string): StandingRecord[] {
    return [...this.#standing(stream).values()];
  }

  /** From this position on the thing says this. */
  put(recorded: Recorded, position: number): void {
    this.close(recorded, position);
    this.#standing(recorded.stream).set(`${recorded.kind} ${recorded.key}`, { ...recorded, from: position });
    this.#collected().open(nameOf(recorded), position, columnsOf(recorded));
  }

  /** It is told and stands at no position: its row ends where it begins, and what stands goes on. */
  mention(recorded: Recorded, position: number): void {
    this.#collected().open(nameOf(recorded), position, columnsOf(recorded));
    this.#collected().close(nameOf(recorded), position, position);
  }

  /** From this position on the thing says nothing. Nothing happens when it did not stand. */
  close(named: Name, position: number): void {
    const standing = this.#standing(named.stream);
    const row = standing.get(`${named.kind} ${named.key}`);
    if (row === undefined) return;
    standing.delete(`${named.kind} ${named.key}`);
    this.#collected().close(nameOf(named), row.from, position);
  }

  #standing(stream: string): Standing {
    const standing = this.#now.get(stream);
    if (standing === undefined) throw new Error(`the records of stream ${stream} are not loaded: name it in needs()`);
    return standing;
  }

  #collected(): LastingRows {
    if (this.#rows === null) throw new Error('records are written while a batch is folded');
    return this.#rows;
  }
}

type Name = Pick<Recorded, 'kind' | 'key' | 'stream'>;

/** As COPY takes RECORD_NAME. */
function nameOf({ kind, key, stream }: Name): string {
  return `${kind}\t${key}\t${stream}`;
}

/** As COPY takes RECORD_COLUMNS. */
function columnsOf({ eventId, source, actor, body }: Recorded): string[] {
  return [`${eventId}\t${copyText(source)}\t${copyText(actor)}\t${copyJson(body)}`];
}
