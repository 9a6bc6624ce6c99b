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
}

/** The snapshots that were sealed by a position, in the order of their sealing. */
export async function readSnapshots(tx: EntityManager, { position, generation }: AsOf): Promise<Snapshot[]> {
  const { record, moment } = tablesOfGeneration(generation);
  const rows = await tx.query<
    { body: string; from_position: string; event_id: string; actor: string; recorded_at: Date }[]
  >(
    `SELECT r.body, r.from_position, r.event_id, r.actor,
            (SELECT m.recorded_at FROM ${moment} m WHERE m.position >= r.from_position ORDER BY m.position LIMIT 1) AS recorded_at
       FROM ${record} r
      WHERE r.kind = 'SNAPSHOT' AND r.from_position <= $1::bigint AND (r.to_position IS NULL OR r.to_position > $1::bigint)
      ORDER BY r.from_position`,
    [position],
  );
  return rows.map((row) => {
    const { name, projection } = JSON.parse(row.body) as { name: string; projection: number };
    const at = { position: Number(row.from_position), recordedAt: row.recorded_at.toISOString() };
    return { name, projection, ...at, eventId: row.event_id, by: decidedBy(row.actor) };
  });
}
