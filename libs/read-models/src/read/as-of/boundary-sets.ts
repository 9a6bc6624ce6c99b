import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from './as-of.js';

/** A boundary set by which incidents are placed. */
export interface ActiveBoundarySet {
  name: string;
  /** Digest of the version that was activated last. */
  sha256: string;
  /** Position of that activation. */
  position: number;
  /** Id of its event. */
  eventId: string;
}

/** The boundary sets that are active as of a position, by name. */
export async function readBoundarySets(
  tx: EntityManager,
  { generation, position }: Pick<AsOf, 'generation' | 'position'>,
): Promise<ActiveBoundarySet[]> {
  const rows = await tx.query<{ body: string; position: string; event_id: string }[]>(
    `SELECT body, from_position AS position, event_id FROM ${tablesOfGeneration(generation).record}
      WHERE kind = 'BOUNDARY' AND from_position <= $1 AND (to_position IS NULL OR to_position > $1)`,
    [position],
  );
  return rows
    .map((row) => ({
      ...(JSON.parse(row.body) as { name: string; sha256: string }),
      position: Number(row.position),
      eventId: row.event_id,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Whether the set says of every incident that counts as of the position where it lies. Those that were recorded before its
 * first activation are placed by events that follow it, and until then count nowhere in the set.
 */
export async function hasPlacedAll(
  tx: EntityManager,
  { generation, position }: Pick<AsOf, 'generation' | 'position'>,
  { name }: Pick<ActiveBoundarySet, 'name'>,
): Promise<boolean> {
  const { record, decision, incident_version: version } = tablesOfGeneration(generation);
  // Events are placed in their order. One that is not placed yet therefore made a version between the newest that is and the
  // activation: without these bounds the answer "none" would cost a look at every version. Where it counts now may be a later version,
  // and, by merges and splits, that of another incident.
  const unplaced = await tx.query<unknown[]>(
    `WITH activated AS (
       SELECT min(from_position) AS at FROM ${record} WHERE kind = 'BOUNDARY' AND body::json ->> 'name' = $2)
     SELECT FROM ${version} earlier
      CROSS JOIN LATERAL (
        WITH RECURSIVE tied AS (
          SELECT earlier.incident_id
           UNION
          SELECT d.other FROM tied JOIN ${decision} d USING (incident_id) WHERE d.other IS NOT NULL AND d.from_position <= $1)
        SELECT FROM tied JOIN ${version} standing USING (incident_id)
         WHERE standing.from_position <= $1 AND (standing.to_position IS NULL OR standing.to_position > $1)
           AND standing.status = 'ACTIVE' AND strpos(standing.placements, $3) = 0
         LIMIT 1) AS unplaced
      WHERE earlier.from_position > (
              SELECT coalesce(max((p.body::json ->> 'upTo')::bigint), -1) FROM ${record} p, activated
               WHERE p.kind = 'PLACING' AND p.from_position > activated.at AND p.from_position <= $1
                 AND p.body::json ->> 'boundary' = $2)
        AND earlier.from_position < (SELECT at FROM activated) AND earlier.from_position <= $1
      ORDER BY earlier.from_position DESC LIMIT 1`,
    [position, name, `${JSON.stringify(name)}:`],
  );
  return unplaced.length === 0;
}
