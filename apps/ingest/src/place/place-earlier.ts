import type { IncidentsPlacedData, Place, Placement } from '#app/domain';
import { type BoundarySet, placeInSets } from '#app/geography';
import {
  advanceCursor,
  appendEvents,
  canonicalize,
  LeafTooLargeError,
  type MasterKey,
  type PreparedEvent,
  parseLeaf,
  prepareEvent,
  type RecordedEvent,
  systemDraft,
} from '#app/log';
import { withTransaction } from '#app/runtime';
import type { ClientBase, Pool } from 'pg';
import { versionsOf } from '../decide/erasure-targets.js';
import type { ActiveSet } from './active-boundary-sets.js';

/** Events that one IncidentsPlaced tells of, at most (architecture §2). */
const PLACED_MAX = 400;

/** What is placed, by which activation, and how far that has come. */
export interface EarlierPlacing {
  activation: ActiveSet;
  set: BoundarySet;
  /** The sets that were active before, by which the country of a point may be known. */
  others: readonly BoundarySet[];
  /** As the same set placed before this activation; null: it is its first. */
  before: BoundarySet | null;
  cursorId: number;
  from: number;
}

interface Context {
  logId: number;
  log: string;
  masterKey: MasterKey;
}

interface Found {
  position: number;
  stream: string;
  placement: Placement;
}

const READ_NEXT = `
  SELECT e.leaf FROM ledger.event e
   WHERE e.log_id = $1 AND e.position >= $2 AND e.position < $3 AND e.type IN ('ReportRecorded', 'IncidentRelocated')
   ORDER BY e.position LIMIT $4`;

/**
 * Records where a newly activated set puts what was recorded before it: the next part of it, in one transaction that also
 * moves the cursor by compare-and-set. A process that ends at any step leaves either both or neither.
 *
 * @returns the position to go on from, or null when another process has moved the cursor
 * @throws ConcurrencyError when an incident was touched meanwhile: to be tried again
 */
export async function placeNext(pool: Pool, placing: EarlierPlacing, context: Context): Promise<number | null> {
  const { activation, cursorId, from } = placing;
  const { rows } = await pool.query<{ leaf: string }>(READ_NEXT, [
    context.logId,
    from,
    activation.position,
    PLACED_MAX,
  ]);
  const events = rows.map(({ leaf }) => parseLeaf(leaf));
  const last = events.at(-1);
  const to = rows.length < PLACED_MAX || last === undefined ? activation.position : last.position + 1;
  const found = events.flatMap((event) => placed(event, placing));
  const moved = await withTransaction(pool, async (tx) => {
    if (!(await advanceCursor(tx, cursorId, { from, to }))) return false;
    if (found.length > 0) await appendEvents(tx, context.logId, await prepare(tx, found, activation, context));
    return true;
  });
  return moved ? to : null;
}

/** Nothing where the set says what the log has already. */
function placed(event: RecordedEvent, { set, others, before, activation }: EarlierPlacing): Found[] {
  const stated = placeOf(event);
  if (stated === null) return [];
  const { place, placements } = stated;
  const placement = placeInSets([set, ...others], place)[set.name] as Placement;
  const recorded =
    placements[activation.name] ?? (before === null ? null : placeInSets([before, ...others], place)[before.name]);
  if (recorded != null && canonicalize(recorded) === canonicalize(placement)) return [];
  return [{ position: event.position, stream: event.stream, placement }];
}

function placeOf(event: RecordedEvent): { place: Place; placements: Record<string, Placement> } | null {
  if (event.type === 'ReportRecorded') {
    const { report, placements } = event.data;
    return { place: report.place, placements };
  }
  if (event.type !== 'IncidentRelocated') return null;
  const { place, placements } = event.data;
  return place === null || placements === null ? null : { place, placements };
}

/** One event; more where one leaf cannot hold it. */
async function prepare(
  tx: ClientBase,
  found: readonly Found[],
  activation: ActiveSet,
  context: Context,
): Promise<PreparedEvent[]> {
  const versions = await versionsOf(
    tx,
    context.logId,
    found.map(({ stream }) => stream),
  );
  const inOne = (part: readonly Found[]): PreparedEvent[] => {
    const taken = new Map(versions);
    try {
      const event = prepareEvent(draft(part, activation, taken), context);
      for (const [stream, version] of taken) versions.set(stream, version);
      return [event];
    } catch (error) {
      if (!(error instanceof LeafTooLargeError) || part.length < 2) throw error;
      const middle = Math.ceil(part.length / 2);
      return [...inOne(part.slice(0, middle)), ...inOne(part.slice(middle))];
    }
  };
  return inOne(found);
}

function draft(part: readonly Found[], activation: ActiveSet, versions: Map<string, number>) {
  const [first, ...also] = [...new Set(part.map(({ stream }) => stream))].map((stream) => {
    const streamVersion = (versions.get(stream) ?? 0) + 1;
    versions.set(stream, streamVersion);
    return { stream, streamVersion };
  }) as [TouchedStream, ...TouchedStream[]];
  const data: IncidentsPlacedData = { boundary: activation.name, placed: byPlacement(part) };
  const { eventId } = activation;
  return { ...systemDraft('IncidentsPlaced', data, first), also, causationId: eventId, correlationId: eventId };
}

interface TouchedStream {
  stream: string;
  streamVersion: number;
}

/** Each placement once, in the order in which it comes first. */
function byPlacement(part: readonly Found[]): IncidentsPlacedData['placed'] {
  const groups = new Map<string, IncidentsPlacedData['placed'][number]>();
  for (const { placement, position } of part) {
    const key = canonicalize(placement);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { placement, positions: [position] });
    else group.positions.push(position);
  }
  return [...groups.values()];
}
