import { INCIDENT_NAMESPACE } from '#app/domain';
import { canonicalize, parseLeaf, uuidV5 } from '#app/log';
import type { RecordKind } from '../rows.js';
import type { Batch, EventHandler } from './event-handler.js';
import type { ProjectionEvent } from './projection-event.js';
import type { RecordStates } from './record-states.js';

/** Boundary sets, each under its name, beside one another. */
export const boundaryEvents = namedRecord('BOUNDARY');
/** Of these one stands at a time. */
export const policyEvents = namedRecord('POLICY', true);
export const projectionEvents = namedRecord('PROJECTION', true);

const sealed = namedRecord('SNAPSHOT');
const digested = namedRecord('SNAPSHOT_DIGESTS');

/** Snapshots, each under its name; what the figures were there stands beside it from the event on that says it. */
export const snapshotEvents: EventHandler = {
  needs: sealed.needs,
  fold(event: ProjectionEvent, batch: Batch): void {
    const { data } = parseLeaf(event.leaf);
    ('digests' in (data as object) ? digested : sealed).fold(event, batch);
  },
};

/** What the log says of itself and its figures: a record in its own stream, with the event's data. */
function namedRecord(kind: RecordKind, isOnlyOne = false): EventHandler {
  return {
    needs: ({ stream }) => ({ records: [stream] }),
    fold({ leaf, position, stream }: ProjectionEvent, { records }: Batch): void {
      const { id: eventId, log, actor, data } = parseLeaf(leaf);
      const { name } = data as { name: string };
      if (isOnlyOne) closeOthers(records, { kind, stream, position });
      const key = uuidV5(INCIDENT_NAMESPACE, canonicalize([log, kind, name]));
      records.put({ kind, key, stream, eventId, source: null, actor, body: JSON.stringify(data) }, position);
    },
  };
}

function closeOthers(
  records: RecordStates,
  { kind, stream, position }: { kind: RecordKind; stream: string; position: number },
): void {
  for (const standing of records.standing(stream)) if (standing.kind === kind) records.close(standing, position);
}

/** Two incidents that a steward has looked at: the pair is closed for good. */
export const rejectedDuplicates: EventHandler = {
  needs: ({ stream }) => ({ records: [stream] }),
  fold({ leaf, position, stream }: ProjectionEvent, { records, rows }: Batch): void {
    const { id: eventId, actor, data } = parseLeaf(leaf);
    const { a, b } = data as { a: string; b: string };
    const key = uuidV5(INCIDENT_NAMESPACE, canonicalize([a, b]));
    const kind = 'DUPLICATE_REJECTED';
    records.put({ kind, key, stream, eventId, source: null, actor, body: JSON.stringify({ a, b }) }, position);
    rows.candidates.push({ kind: 'REJECTED', position, a, b });
  },
};
