import type { ClientBase } from 'pg';
import type { CandidateRow, RecordRow } from '../rows.js';
import type { CandidateChange } from './batch-rows.js';
import { PairSums } from './pair-sums.js';
import type { Tables } from './tables.js';

/** A candidate as its row tells it; `body` is JSON of `CandidateBody`. */
export type CandidateMatch = Omit<CandidateRow, 'from_position' | 'to_position'>;

/** Columns of `candidate` after the positions. When one of them changes, the pair has a new row. */
export const CANDIDATE_COLUMNS = [
  'score',
  'a_start_date',
  'b_start_date',
  'a_publisher',
  'b_publisher',
  'a_incident_type',
  'b_incident_type',
  'a_areas',
  'b_areas',
  'body',
] as const satisfies (keyof CandidateMatch)[];

/** The JSON in `candidate.body`: by which rule, and what the two agree in. */
export interface CandidateBody {
  rule: string;
  km: number | null;
  days: number;
  type: string;
  actors: string[];
}

/** A pair is named by its two ids, the smaller first. */
export function pairOf(x: string, y: string): { a: string; b: string } {
  return x < y ? { a: x, b: y } : { a: y, b: x };
}

interface Standing {
  match: CandidateMatch;
  from: number;
  isNew: boolean;
}

type OpenRow = Omit<CandidateRow, 'to_position'>;

const openOf = (table: string): string => {
  const open = `SELECT a, b, from_position, ${CANDIDATE_COLUMNS.join(', ')} FROM ${table} WHERE to_position IS NULL AND`;
  const ids = "ANY (string_to_array($1, ',')::uuid[])";
  return `${open} a = ${ids} UNION ${open} b = ${ids}`;
};

const rejectedOf = (table: string): string => `
  SELECT from_position, body FROM ${table}
   WHERE kind = 'DUPLICATE_REJECTED' AND stream = ANY (string_to_array($1, ',')::uuid[]) AND to_position IS NULL`;

const closeSql = (table: string): string => `
  UPDATE ${table} r SET to_position = c.to_position
    FROM json_to_recordset($1::json) AS c (a uuid, b uuid, from_position bigint, to_position bigint)
   WHERE r.a = c.a AND r.b = c.b AND r.from_position = c.from_position`;

const openSql = (table: string): string => `
  INSERT INTO ${table} (a, b, from_position, to_position, ${CANDIDATE_COLUMNS.join(', ')})
  SELECT a, b, from_position, to_position, ${CANDIDATE_COLUMNS.join(', ')}
    FROM json_populate_recordset(NULL::${table}, $1::json)`;

const nameOf = ({ a, b }: { a: string; b: string }): string => `${a} ${b}`;

/** The candidate pairs that a batch touches, moved on change by change, and the rows that come of it. */
export class CandidatePairs {
  readonly #open = new Map<string, Standing>();
  readonly #ofIncident = new Map<string, Set<string>>();
  /** Pair → position of the decision that they are two. */
  readonly #rejected = new Map<string, number>();
  readonly #closings: { a: string; b: string; from_position: number; to_position: number }[] = [];
  readonly #ended: (Standing & { to: number })[] = [];
  readonly #sums = new PairSums();

  /** With the pairs that stand of every incident that changes. */
  static async load(tx: ClientBase, tables: Tables, changes: readonly CandidateChange[]): Promise<CandidatePairs> {
    const pairs = new CandidatePairs();
    const ids = new Set(changes.flatMap((change) => (change.kind === 'FIGURES' ? [change.incidentId] : [change.a])));
    const { rows } = await tx.query<OpenRow>(openOf(tables.candidate), [[...ids].join(',')]);
    for (const { from_position: from, ...match } of rows) pairs.#add({ match, from, isNew: false });
    return pairs;
  }

  /** A decision is in the stream of one of the two. */
  async loadRejections(tx: ClientBase, tables: Tables, matches: readonly CandidateMatch[][]): Promise<void> {
    const ids = new Set(
      matches
        .flat()
        .filter((pair) => !this.#open.has(nameOf(pair)))
        .flatMap(({ a, b }) => [a, b]),
    );
    if (ids.size === 0) return;
    const { rows } = await tx.query<Pick<RecordRow, 'from_position' | 'body'>>(rejectedOf(tables.record), [
      [...ids].join(','),
    ]);
    for (const { from_position: from, body } of rows) {
      const { a, b } = JSON.parse(body) as { a: string; b: string };
      this.#rejected.set(nameOf(pairOf(a, b)), from);
    }
  }

  /** From this position on the pairs of an incident are these and no others. */
  replace(incidentId: string, matches: readonly CandidateMatch[], position: number): void {
    const names = new Set(matches.map(nameOf));
    for (const name of [...(this.#ofIncident.get(incidentId) ?? [])]) if (!names.has(name)) this.#close(name, position);
    for (const match of matches) {
      const name = nameOf(match);
      if ((this.#rejected.get(name) ?? Number.POSITIVE_INFINITY) <= position) continue;
      const standing = this.#open.get(name);
      if (standing !== undefined && isSame(standing.match, match)) continue;
      this.#close(name, position);
      this.#add({ match, from: position, isNew: true });
    }
  }

  reject(x: string, y: string, position: number): void {
    const name = nameOf(pairOf(x, y));
    this.#rejected.set(name, position);
    this.#close(name, position);
  }

  /** @param summed whether the sums of what stands are kept with every batch */
  async write(tx: ClientBase, tables: Tables, summed: boolean): Promise<void> {
    if (this.#closings.length > 0) await tx.query(closeSql(tables.candidate), [JSON.stringify(this.#closings)]);
    const opened = [
      ...this.#ended.map((standing) => rowOf(standing, standing.to)),
      ...[...this.#open.values()].filter(({ isNew }) => isNew).map((standing) => rowOf(standing, null)),
    ];
    if (opened.length > 0) await tx.query(openSql(tables.candidate), [JSON.stringify(opened)]);
    if (!summed) return;
    for (const { match, isNew } of this.#open.values()) if (isNew) this.#sums.add(match, 1);
    await this.#sums.write(tx, tables);
  }

  #add(standing: Standing): void {
    const { match } = standing;
    const name = nameOf(match);
    this.#open.set(name, standing);
    for (const id of [match.a, match.b]) {
      const names = this.#ofIncident.get(id) ?? new Set();
      this.#ofIncident.set(id, names.add(name));
    }
  }

  #close(name: string, position: number): void {
    const standing = this.#open.get(name);
    if (standing === undefined) return;
    this.#open.delete(name);
    const { from, isNew } = standing;
    const { a, b } = standing.match;
    for (const id of [a, b]) this.#ofIncident.get(id)?.delete(name);
    if (!isNew) {
      this.#closings.push({ a, b, from_position: from, to_position: position });
      this.#sums.add(standing.match, -1);
    }
    // Opened and ended by one event: nobody can have seen it.
    else if (from < position) this.#ended.push({ ...standing, to: position });
  }
}

function isSame(x: CandidateMatch, y: CandidateMatch): boolean {
  return CANDIDATE_COLUMNS.every((column) => JSON.stringify(x[column]) === JSON.stringify(y[column]));
}

function rowOf({ match, from }: Standing, to: number | null): CandidateRow {
  return { ...match, from_position: from, to_position: to };
}
