import type { PostingCell, Verification } from '#app/domain';
import type { ClientBase, Pool } from 'pg';
import type { CodeKind, CodeRow } from '../rows.js';
import type { Tables } from './tables.js';

/** What the postings of one incident and event usually share. */
export interface CodedCell {
  /** Boundary set, country, first level; negative without a first level. */
  region: number;
  /** Second level. */
  area: number;
  publisher: number;
  /** Incident type and verification; negative where it counts only when a reader asks for the verification by name. */
  class: number;
}

/** Count nowhere unless asked for by name (contract §3). */
export const UNCOUNTED: readonly Verification[] = ['DISCOUNTED', 'RETRACTED'];

const isUncounted = (verification: string): boolean => (UNCOUNTED as readonly string[]).includes(verification);

/** Whether a figure is one of a victim status, which totals hold already. */
function isPart(measure: string, part: string): boolean {
  return part !== 'TOTAL' && measure !== 'INCIDENT' && measure !== 'FLAG';
}

/**
 * The numbers of one set of tables for the words of postings. Few hundred to some thousand, so all are in memory. New ones
 * are given while a batch is folded and written with it: whoever writes holds the checkpoint, so no two give the same number,
 * and memory that is not what the tables say belongs to a batch that is not written.
 */
export class Codes {
  readonly #known = new Map<string, number>();
  readonly #figures = new Map<string, Map<string, number>>();
  #last: { posting: PostingCell; cell: CodedCell } | null = null;
  #next = 1;
  #added: CodeRow[] = [];
  #isLoaded = false;

  /** Once, until it is cleared. */
  async load(db: Pool | ClientBase, tables: Tables): Promise<void> {
    if (this.#isLoaded) return;
    const { rows } = await db.query<CodeRow>(select(tables.code));
    for (const row of rows) {
      this.#known.set(keyOf(row), row.code);
      this.#next = Math.max(this.#next, Math.abs(row.code) + 1);
    }
    this.#isLoaded = true;
  }

  clear(): void {
    this.#known.clear();
    this.#figures.clear();
    this.#last = null;
    this.#next = 1;
    this.#added = [];
    this.#isLoaded = false;
  }

  cellOf(posting: PostingCell): CodedCell {
    if (this.#last !== null && isBeside(this.#last.posting, posting)) return this.#last.cell;
    const { boundary, country, admin1, admin2, publisher, incidentType, verification } = posting;
    const cell = {
      region: this.#codeOf('REGION', boundary, country, admin1),
      area: this.#codeOf('AREA', admin2),
      publisher: this.#codeOf('PUBLISHER', publisher),
      class: this.#codeOf('CLASS', incidentType, verification),
    };
    this.#last = { posting, cell };
    return cell;
  }

  /** Measure and part; negative where the part is a victim status. */
  figureOf({ measure, part }: Pick<PostingCell, 'measure' | 'part'>): number {
    // Asked for every posting: without a key to make.
    let ofMeasure = this.#figures.get(measure);
    if (ofMeasure === undefined) this.#figures.set(measure, (ofMeasure = new Map()));
    let code = ofMeasure.get(part);
    if (code === undefined) ofMeasure.set(part, (code = this.#codeOf('FIGURE', measure, part)));
    return code;
  }

  /** What was given since the last call: to be written with the postings that have it. */
  takeAdded(): CodeRow[] {
    const added = this.#added;
    this.#added = [];
    return added;
  }

  #codeOf(kind: CodeKind, first: string, second = '', third = ''): number {
    const key = keyOf({ kind, first, second, third });
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const code = isApart({ kind, first, second, third }) ? -this.#next : this.#next;
    this.#next += 1;
    this.#known.set(key, code);
    this.#added.push({ code, kind, first, second, third });
    return code;
  }
}

/** Whether the number of the words is negative: questions tell these apart without knowing any number. */
function isApart({ kind, first, second, third }: Omit<CodeRow, 'code'>): boolean {
  if (kind === 'REGION') return third === '';
  if (kind === 'FIGURE') return isPart(first, second);
  return kind === 'CLASS' && isUncounted(second);
}

const select = (table: string): string => `SELECT code, kind, first, second, third FROM ${table}`;

/** Adds words with their numbers. */
export async function addCodes(tx: ClientBase, table: string, rows: readonly CodeRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO ${table} (code, kind, first, second, third) ${select(`json_populate_recordset(NULL::${table}, $1::json)`)}`,
    [JSON.stringify(rows)],
  );
}

/** Gives new tables the numbers that others have: what both hold can then be compared by number. Words with a number of the wrong sign get another. */
export async function copyCodes(tx: ClientBase, { from, to }: { from: Tables; to: Tables }): Promise<void> {
  const { rows } = await tx.query<CodeRow>(select(from.code));
  await addCodes(
    tx,
    to.code,
    rows.filter((row) => row.code < 0 === isApart(row)),
  );
}

/** Whether every word that `some` has a number for has the same in `others`. */
export async function areNumberedAlike(
  db: Pool | ClientBase,
  { some, others }: { some: Tables; others: Tables },
): Promise<boolean> {
  const { rowCount } = await db.query(`${select(some.code)} EXCEPT ${select(others.code)} LIMIT 1`);
  return rowCount === 0;
}

/** No text in the database holds U+0000, so no two can get the same key. */
function keyOf({ kind, first, second, third }: Omit<CodeRow, 'code'>): string {
  return `${kind}\u0000${first}\u0000${second}\u0000${third}`;
}

/** Postings of one event that differ in date, measure and part alone: their keys need not be made to see it. */
function isBeside(a: PostingCell, b: PostingCell): boolean {
  return (
    a.admin2 === b.admin2 &&
    a.admin1 === b.admin1 &&
    a.country === b.country &&
    a.verification === b.verification &&
    a.incidentType === b.incidentType &&
    a.boundary === b.boundary &&
    a.publisher === b.publisher
  );
}
