import type { Tables } from '../../project/tables.js';

/** The checkpoint of the live generation: the head that readers know, and the tables that hold it. */
export const HEAD = `
SELECT generation, projection, policy, position
  FROM read_model.generation
 WHERE status = 'LIVE'`;

/** Each moment keeps its last position, so the first moment at or after a position is the one it was recorded at. */
export const recordedAt = ({ moment }: Tables): string => `
SELECT recorded_at
  FROM ${moment}
 WHERE position >= $1
 ORDER BY position
 LIMIT 1`;

/** The position of a sealed snapshot, when it is not beyond the pinned head. */
export const snapshotNamed = ({ record }: Tables): string => `
SELECT from_position AS position
  FROM ${record}
 WHERE kind = 'SNAPSHOT' AND body::json ->> 'name' = $1 AND from_position <= $2::bigint`;

/** The last position recorded at or before a moment; nothing beyond the pinned head. */
export const lastBefore = ({ moment }: Tables): string => `
SELECT least(position, $2::bigint) AS position
  FROM ${moment}
 WHERE recorded_at <= $1
 ORDER BY recorded_at DESC
 LIMIT 1`;
