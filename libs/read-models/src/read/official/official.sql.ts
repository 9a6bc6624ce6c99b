import type { Tables } from '../../project/tables.js';

/** What stands of a kind as of a position, in a fixed order. */
export const standingRecords = ({ record }: Tables): string => `
SELECT r.key, r.from_position, r.event_id, r.source, r.body
  FROM ${record} r
 WHERE r.kind = $1 AND r.from_position <= $2::bigint AND (r.to_position IS NULL OR r.to_position > $2::bigint)
 ORDER BY r.key`;

/** All that was recorded of a kind by a position, in the order in which it was: also what ended, and what never stood. */
export const recordedUntil = ({ record }: Tables): string => `
SELECT r.key, r.from_position, CASE WHEN r.to_position <= $2::bigint THEN r.to_position END AS to_position,
       r.event_id, r.source, r.body
  FROM ${record} r
 WHERE r.kind = $1 AND r.from_position <= $2::bigint
 ORDER BY r.key, r.from_position`;

/** Every source, publisher and series of a kind that was ever recorded until a position, withdrawn ones included. */
export const recordNames = ({ record }: Tables): string => `
SELECT DISTINCT r.source, r.body::jsonb -> 'publisher' ->> 'name' AS publisher, r.body::jsonb ->> 'seriesId' AS series
  FROM ${record} r
 WHERE r.kind = $1 AND r.from_position <= $2::bigint
 ORDER BY 1, 2, 3`;
