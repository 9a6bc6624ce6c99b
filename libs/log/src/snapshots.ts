import { DEFAULT_LOG_ID } from './append-events.js';
import type { Database } from './database.js';
import type { FigureDigests } from './envelope.js';
import { parseLeaf } from './parse-leaf.js';

/** Digests as the log holds them. */
export interface RecordedDigests extends FigureDigests {
  /** Version of the projection that made the figures. */
  projection: number;
  /** Of the event that holds them. */
  position: number;
  eventId: string;
}

/** A name that was given to a position. */
export interface SealedSnapshot {
  name: string;
  /** The position that the name stands for: that of its sealing. */
  position: number;
  /** When it was sealed: RFC 3339. */
  sealedAt: string;
  eventId: string;
  actor: string;
  /** Version of the projection that was in use then. */
  projection: number;
  /** Null until the figures have come so far and their digests are recorded. */
  digests: RecordedDigests | null;
}

/** The snapshots of a log, out of its SnapshotSealed events as they come. */
export class SealedSnapshots {
  readonly #byName = new Map<string, SealedSnapshot>();

  /** Takes the leaf of the next SnapshotSealed event; events of other types are passed over. */
  add(leaf: string): void {
    const event = parseLeaf(leaf);
    if (event.type !== 'SnapshotSealed') return;
    const { name, projection, digests } = event.data;
    const { id: eventId, position, recordedAt: sealedAt, actor } = event;
    const sealed = this.#byName.get(name);
    if (sealed === undefined) {
      this.#byName.set(name, { name, position, sealedAt, eventId, actor, projection, digests: null });
    } else if (digests !== undefined && event.data.position === sealed.position && sealed.digests === null) {
      this.#byName.set(name, { ...sealed, digests: { ...digests, projection, position, eventId } });
    }
  }

  get(name: string): SealedSnapshot | undefined {
    return this.#byName.get(name);
  }

  /** In the order of their sealing. */
  list(): SealedSnapshot[] {
    return [...this.#byName.values()];
  }
}

const ALL = "SELECT leaf FROM ledger.event WHERE log_id = $1 AND type = 'SnapshotSealed' ORDER BY position";

/** Every snapshot that was sealed by now. There are few of them. */
export async function readSealedSnapshots(db: Database, logId = DEFAULT_LOG_ID): Promise<SealedSnapshots> {
  const { rows } = await db.query<{ leaf: string }>(ALL, [logId]);
  const snapshots = new SealedSnapshots();
  for (const { leaf } of rows) snapshots.add(leaf);
  return snapshots;
}
