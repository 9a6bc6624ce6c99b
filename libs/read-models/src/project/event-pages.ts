import type { EventSource } from './event-source.js';
import { namedPositions } from './placing-events.js';
import { type ProjectionEvent, projectionEventOf } from './projection-event.js';

/** Events that follow the checkpoint `after` without a gap. */
export interface EventPage {
  after: number;
  last: number;
  events: ProjectionEvent[];
  /** Its one event must be folded when everything before it is written, and written before the next is folded. */
  alone: boolean;
}

export interface PageRange {
  after: number;
  /** Inclusive; the end of the log as it is found when absent. */
  upTo?: number;
  signal?: AbortSignal | undefined;
}

/** Refolds many incidents from the tables: nothing before it may be unwritten, nothing after it folded meanwhile. */
export function isFoldedAlone({ type }: { type: string }): boolean {
  return type === 'ConversionPolicyActivated';
}

/** Touches as many incidents as a whole page of reports: a page ends with it. */
function endsPage({ type }: { type: string }): boolean {
  return type === 'IncidentsPlaced';
}

/** How many of the events make the next page. */
function pageLength(events: readonly { type: string }[]): number {
  for (const [index, event] of events.entries()) {
    if (isFoldedAlone(event)) return Math.max(index, 1);
    if (endsPage(event)) return index + 1;
  }
  return events.length;
}

/** A page holds about this much text, so that memory does not depend on the size of leaves (60 KiB at most each). */
const PAGE_CHARACTERS = 1_000_000;
const PAGE_EVENTS_MAX = 700;
const PAGE_EVENTS_FIRST = 400;
/** After a page of small leaves a page of large ones may come: grow by little, so that the surprise stays small. */
const GROWTH_MAX = 4;

/** The log has a hole or an order of its own: nothing may be projected over it. */
export class LogGapError extends Error {
  constructor(expected: number, found: number) {
    super(`the log is not dense: position ${expected} was expected and ${found} found`);
    this.name = 'LogGapError';
  }
}

/** How many events the next page should ask for, given the last one. */
export class PageSize {
  #events = PAGE_EVENTS_FIRST;

  get events(): number {
    return this.#events;
  }

  learn(events: number, characters: number): void {
    if (events === 0) return;
    const fitting = Math.floor((PAGE_CHARACTERS * events) / Math.max(characters, 1));
    this.#events = Math.max(1, Math.min(PAGE_EVENTS_MAX, this.#events * GROWTH_MAX, fitting));
  }
}

/** The next page after a checkpoint; null at the end of the log. */
export async function readPage(
  source: EventSource,
  { after, upTo }: PageRange,
  size: PageSize,
): Promise<EventPage | null> {
  const limit = upTo === undefined ? size.events : Math.min(size.events, upTo - after);
  if (limit <= 0) return null;
  const rows = await source.read({ after, limit });
  let characters = 0;
  let expected = after;
  const events = rows.map((row) => {
    expected += 1;
    if (row.position !== expected) throw new LogGapError(expected, row.position);
    characters += row.leaf.length;
    return projectionEventOf(row);
  });
  size.learn(rows.length, characters);
  const page = events.slice(0, pageLength(events));
  if (source.locate !== undefined) await locateFrom(source.locate, page);
  const [first] = page;
  return first === undefined ? null : { after, last: after + page.length, events: page, alone: isFoldedAlone(first) };
}

/** What the database could look up only if it held the log. */
async function locateFrom(locate: NonNullable<EventSource['locate']>, page: ProjectionEvent[]): Promise<void> {
  for (const event of page) if (event.type === 'IncidentsPlaced') event.located = await locate(namedPositions(event));
}

/** Pages to the end of the range or of the log. The next page is read while the caller works on this one. */
export async function* eventPages(source: EventSource, range: PageRange): AsyncGenerator<EventPage> {
  const size = new PageSize();
  let page = await readPage(source, range, size);
  while (page !== null) {
    range.signal?.throwIfAborted();
    const next = readPage(source, { ...range, after: page.last }, size);
    // Whoever leaves early must not get the failure of a page that nobody waits for.
    next.catch(() => undefined);
    yield page;
    page = await next;
  }
}
