import type { Tables } from '../../project/tables.js';

/** What stands of a kind as of a position, in a fixed order. */
export const standingRecords = ({ record }: Tables): string => `
SELECT r.key, r.from_position, r.event_id, r.source, r.body
  FROM ${record} r
 WHERE r.kind = $1 AND r.from_position <= $2::bigint AND (r.to_position IS NULL OR r.to_position > $2::bigint)
 ORDER BY r.key`;

/**
 * What stands of a kind as of a position with all that it replaced, the newest of each key first. A row that does not end
 * where the next one of its key begins was withdrawn: it was taken back, and all before it.
 */
export const standingRecordsAndReplaced = ({ record }: Tables): string => `
SELECT key, from_position, event_id, source, body
  FROM (SELECT f.*, bool_and(f.is_followed) OVER (PARTITION BY f.key ORDER BY f.from_position DESC) AS is_of_standing
          FROM (SELECT r.*, coalesce(r.to_position = lead(r.from_position) OVER (PARTITION BY r.key ORDER BY r.from_position),
                                     r.to_position IS NULL OR r.to_position > $2::bigint) AS is_followed
                  FROM ${record} r
                 WHERE r.kind = $1 AND r.from_position <= $2::bigint) f) s
 WHERE is_of_standing
 ORDER BY key, from_position DESC`;

/** Every source, publisher and series of a kind that was ever recorded until a position, withdrawn ones included. */
export const recordNames = ({ record }: Tables): string => `
SELECT DISTINCT r.source, r.body::jsonb -> 'publisher' ->> 'name' AS publisher, r.body::jsonb ->> 'seriesId' AS series
  FROM ${record} r
 WHERE r.kind = $1 AND r.from_position <= $2::bigint
 ORDER BY 1, 2, 3`;
