/** The checkpoint of the live generation: the head that readers know. */
export const HEAD = `
SELECT projection, policy, position
  FROM read_model.generation
 WHERE status = 'LIVE'`;

/** Each moment keeps its last position, so the first moment at or after a position is the one it was recorded at. */
export const RECORDED_AT = `
SELECT recorded_at
  FROM read_model.moment
 WHERE position >= $1
 ORDER BY position
 LIMIT 1`;

/** The last position recorded at or before a moment; nothing beyond the pinned head. */
export const LAST_BEFORE = `
SELECT least(position, $2::bigint) AS position
  FROM read_model.moment
 WHERE recorded_at <= $1
 ORDER BY recorded_at DESC
 LIMIT 1`;
