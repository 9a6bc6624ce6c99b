import { type Database, type PersonalDataErasedData, streamEvents } from '#app/log';
import { eventOf } from './event-rows.js';

const PAGE = 100;
const NOTHING: ReadonlySet<string> = new Set();

/** Pointers that were erased, by position of the event that lost them. */
export type Erased = ReadonlyMap<number, ReadonlySet<string>>;

/** What the log says was erased, by position of the event that lost it. */
export class Erasures {
  readonly #pointers = new Map<number, Set<string>>();

  /** @param before its own position: an erasure names what is behind it */
  add({ erased }: PersonalDataErasedData, before: number): void {
    for (const { pointers, positions } of erased) {
      for (const [from, to] of positions) {
        for (let position = from; position <= Math.min(to, before - 1); position += 1) {
          const known = this.#pointers.get(position) ?? new Set();
          this.#pointers.set(position, known);
          for (const pointer of pointers) known.add(pointer);
        }
      }
    }
  }

  at(position: number): ReadonlySet<string> {
    return this.#pointers.get(position) ?? NOTHING;
  }

  /** @param to null for the end of the log */
  between(from: number, to: number | null): Erased {
    if (this.#pointers.size === 0) return this.#pointers;
    return new Map([...this.#pointers].filter(([position]) => position >= from && (to === null || position < to)));
  }
}

/** All erasures that are recorded now. */
export async function readErasures(db: Database): Promise<Erasures> {
  const erasures = new Erasures();
  for await (const page of streamEvents(db, { after: -1, type: 'PersonalDataErased', pageSize: PAGE })) {
    for (const { position, leaf } of page) {
      const event = eventOf(leaf);
      // Nothing in a leaf can be relied upon here: one that was altered is found by its hash.
      if (isErasure(event?.data)) erasures.add(event.data, position);
    }
  }
  return erasures;
}

function isErasure(data: unknown): data is PersonalDataErasedData {
  const { erased } = (data ?? {}) as { erased?: unknown };
  return Array.isArray(erased) && erased.every(isErased);
}

function isErased(one: Partial<PersonalDataErasedData['erased'][number]> | null): boolean {
  const { pointers, positions } = one ?? {};
  return Array.isArray(pointers) && Array.isArray(positions) && positions.every((range) => Array.isArray(range));
}
