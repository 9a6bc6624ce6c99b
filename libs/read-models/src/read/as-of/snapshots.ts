import type { FigureDigests } from '#app/log';
import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from './as-of.js';
import { decidedBy } from '../incidents/decisions.js';

/** A name for a position, at which figures can be read for ever by it. */
export interface Snapshot {
  name: string;
  position: number;
  /** RFC 3339. */
  recordedAt: string;
  eventId: string;
  /** Who sealed it. */
  by: string;
  /** Version of the projection that the seal names. */
  projection: number;
  /** What the figures were at the position; null until that is recorded, or as of a position before it was. */
  digests: SnapshotDigests | null;
}

/** Digests of the read models as of a snapshot, as an event of the log holds them (docs/snapshots.md). */
export interface SnapshotDigests {
  algorithm: string;
  /** Version of the projection that made the figures. */
  projection: number;
  /** Of the event that holds them. */
  position: number;
  /** By table: SHA-256, hex. */
  tables: Record<string, string>;
}

/** The snapshots that were sealed by a position, in the order of their sealing. */
export async function readSnapshots(tx: EntityManager, { position, generation }: AsOf): Promise<Snapshot[]> {
  const { record, moment } = tablesOfGeneration(generation);
  const rows = await tx.query<Row[]>(
    `SELECT r.body, r.from_position, r.event_id, r.actor, d.body AS digests, d.from_position AS digested_at,
            (SELECT m.recorded_at FROM ${moment} m WHERE m.position >= r.from_position ORDER BY m.position LIMIT 1) AS recorded_at
       FROM ${record} r
       LEFT JOIN ${record} d ON d.kind = 'SNAPSHOT_DIGESTS' AND d.from_position <= $1::bigint
                            AND d.body::json ->> 'name' = r.body::json ->> 'name'
      WHERE r.kind = 'SNAPSHOT' AND r.from_position <= $1::bigint AND (r.to_position IS NULL OR r.to_position > $1::bigint)
      ORDER BY r.from_position`,
    [position],
  );
  return rows.map((row) => {
    const { name, projection } = JSON.parse(row.body) as { name: string; projection: number };
    const at = { position: Number(row.from_position), recordedAt: row.recorded_at.toISOString() };
    return { name, projection, ...at, eventId: row.event_id, by: decidedBy(row.actor), digests: digestsOf(row) };
  });
}

interface Row {
  body: string;
  from_position: string;
  event_id: string;
  actor: string;
  digests: string | null;
  digested_at: string | null;
  recorded_at: Date;
}

function digestsOf({ digests: body, digested_at: position }: Row): SnapshotDigests | null {
  if (body === null) return null;
  const { projection, digests } = JSON.parse(body) as { projection: number; digests: FigureDigests };
  return { algorithm: digests.algorithm, projection, position: Number(position), tables: digests.tables };
}
