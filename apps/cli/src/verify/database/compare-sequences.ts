import { HashQueue } from './hash-queue.js';

/** What was done to a sequence of events after it was published. */
export type DifferenceKind = 'CHANGED' | 'REMOVED' | 'INSERTED' | 'SWAPPED' | 'TRUNCATED' | 'APPENDED_AGAIN';

/** One thing that was done, at the position where it begins. */
export interface Difference {
  kind: DifferenceKind;
  position: number;
  /** How many positions it concerns, from there on. */
  count: number;
  /** Of SWAPPED: the position that has the other one. */
  with?: number;
}

/** Which side has to go on for the comparison to go on. */
export type Wanted = 'PUBLISHED' | 'DATABASE' | 'NOTHING';

interface Found extends Difference {
  /** Of a single CHANGED one: what is there, and what should be. */
  hashes?: { published: string; database: string };
}

/** How far it looks ahead for what was moved: that many rows inserted or removed in one place are still told as such. */
const WINDOW = 16_384;

/**
 * Finds out what an owner of the database did to the log, by the published leaf hashes and those of the rows, both in the
 * order of their positions. A position without a row is a null among the rows.
 *
 * Whoever feeds it asks `wanted()` which side is needed, and adds to it or ends it. It keeps a window of both: memory is flat
 * whatever their length. Rows behind the last published leaf are not published yet, and no difference.
 */
export class SequenceComparison {
  readonly #published = new HashQueue();
  readonly #database = new HashQueue();
  readonly #found: Found[] = [];
  /** By what was published there: what is expected at the second place of two that were swapped. */
  readonly #partners = new Map<string, string>();

  /**
   * @param size of the published sequence
   * @param limit of differences; the comparison ends there
   */
  constructor(
    private readonly size: number,
    private readonly limit: number,
    private readonly window = WINDOW,
  ) {}

  /** Compares as far as it can. */
  wanted(): Wanted {
    const published = this.#published;
    const database = this.#database;
    while (this.#found.length <= this.limit) {
      if (published.length === 0) return published.isEnded ? 'NOTHING' : 'PUBLISHED';
      if (database.length === 0 && !database.isEnded) return 'DATABASE';
      if (database.length === 0) {
        this.#add('TRUNCATED', this.size - published.start);
        return 'NOTHING';
      }
      if (published.front === database.front) this.#drop(1, 1);
      else if (published.length < this.window && !published.isEnded) return 'PUBLISHED';
      else if (database.length < this.window && !database.isEnded) return 'DATABASE';
      else this.#step();
    }
    return 'NOTHING';
  }

  /** Whether both go on at one position, with nothing in their windows: then `skipEqual` may be used. */
  get isEven(): boolean {
    const [published, database] = [this.#published, this.#database];
    return published.length === 0 && database.length === 0 && published.start === database.start;
  }

  /** So many hashes were found to be the same on both sides. */
  skipEqual(count: number): void {
    this.#published.skip(count);
    this.#database.skip(count);
  }

  addPublished(hashes: readonly string[]): void {
    this.#published.push(hashes);
  }

  /** @param hashes of the rows from the next position on; null where there is none */
  addDatabase(hashes: readonly (string | null)[]): void {
    this.#database.push(hashes);
  }

  endPublished(): void {
    this.#published.isEnded = true;
  }

  endDatabase(): void {
    this.#database.isEnded = true;
  }

  /** Everything that was found, in the order of positions. */
  differences(): Difference[] {
    const found = appendedAgain(swappedFarApart(this.#found), this.size);
    return found.map(plain).toSorted((a, b) => a.position - b.position);
  }

  /** The fronts differ, and both windows are full. */
  #step(): void {
    const row = this.#database.front;
    const leaf = this.#published.front as string;
    if (row === null) return this.#take('REMOVED', 1, 1);
    if (this.#partners.get(leaf) === row) {
      this.#partners.delete(leaf);
      return this.#drop(1, 1);
    }
    const ahead = this.#published.distanceOf(row);
    const behind = this.#database.distanceOf(leaf);
    if (ahead !== null && ahead === behind) return this.#swap(row, leaf, ahead);
    const isInPlace =
      this.#published.at(1) === this.#database.at(1) && (this.#published.at(1) !== null || this.#isLast);
    if (isInPlace || (ahead === null && behind === null)) return this.#change(row, leaf);
    if (ahead === null || (behind !== null && behind < ahead)) return this.#take('INSERTED', 0, 1);
    this.#take('REMOVED', 1, 0);
  }

  /** Both windows hold the very last one. */
  get #isLast(): boolean {
    return this.#published.length === 1 && this.#database.length === 1;
  }

  #swap(row: string, leaf: string, distance: number): void {
    this.#found.push({
      kind: 'SWAPPED',
      position: this.#published.start,
      count: 1,
      with: this.#published.start + distance,
    });
    this.#partners.set(row, leaf);
    this.#drop(1, 1);
  }

  #change(row: string, leaf: string): void {
    const found = this.#add('CHANGED', 1);
    if (found.count === 1) found.hashes = { published: leaf, database: row };
    else delete found.hashes;
    this.#drop(1, 1);
  }

  #take(kind: 'REMOVED' | 'INSERTED', published: 0 | 1, database: 0 | 1): void {
    this.#add(kind, 1);
    this.#drop(published, database);
  }

  /** What goes on from the one before is one with it. */
  #add(kind: DifferenceKind, count: number): Found {
    const position = this.#published.start;
    const last = this.#found.at(-1);
    const end = last === undefined ? -1 : last.position + (kind === 'INSERTED' ? 0 : last.count);
    if (last?.kind === kind && end === position) {
      last.count += count;
      return last;
    }
    const found: Found = { kind, position, count };
    this.#found.push(found);
    return found;
  }

  #drop(published: 0 | 1, database: 0 | 1): void {
    if (published === 1) this.#published.shift();
    if (database === 1) this.#database.shift();
  }
}

function plain({ kind, position, count, with: other }: Found): Difference {
  return { kind, position, count, ...(other === undefined ? {} : { with: other }) };
}

/** Two single changes that hold each other's leaf were out of each other's window. */
function swappedFarApart(found: readonly Found[]): Found[] {
  const byLeaf = new Map<string, Found>();
  for (const one of found) if (one.hashes !== undefined) byLeaf.set(one.hashes.published, one);
  const second = new Set<Found>();
  return found
    .map((one) => {
      if (one.hashes === undefined || second.has(one)) return one;
      const other = byLeaf.get(one.hashes.database);
      if (other === undefined || other === one || other.hashes?.database !== one.hashes.published) return one;
      second.add(other);
      return { kind: 'SWAPPED' as const, position: one.position, count: 1, with: other.position };
    })
    .filter((one) => !second.has(one));
}

/** Nothing from a position to the end is what was published: the log was cut off there, and other events were appended. */
function appendedAgain(found: readonly Found[], size: number): Found[] {
  const last = found.at(-1);
  const before = found.at(-2);
  if (last?.kind === 'TRUNCATED' && before?.kind === 'CHANGED' && before.position + before.count === last.position) {
    return [...found.slice(0, -2), { kind: 'APPENDED_AGAIN', position: before.position, count: before.count }];
  }
  if (last?.kind === 'CHANGED' && last.count > 1 && last.position + last.count === size) {
    return [...found.slice(0, -1), { ...last, kind: 'APPENDED_AGAIN' }];
  }
  return [...found];
}
