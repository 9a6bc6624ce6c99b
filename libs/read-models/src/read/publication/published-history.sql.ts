import type { Tables } from '../../project/tables.js';

/** Decisions that stood on some incidents anywhere in a range of positions, in the order in which they were made. */
export const decisionsWithin = ({ decision }: Tables): string => `
SELECT d.incident_id, d.from_position, d.to_position, d.seq, d.event_id, d.kind, d.other, d.actor, d.body
  FROM ${decision} d
 WHERE d.incident_id = ANY($1::uuid[]) AND d.from_position <= $3::bigint
   AND (d.to_position IS NULL OR d.to_position > $2::bigint)
 ORDER BY d.from_position, d.seq`;

/** The keys that some incidents had anywhere in a range of positions. */
export const homesWithin = ({ incident_version: version }: Tables): string => `
SELECT v.incident_id, v.from_position, v.to_position, v.publisher, v.ref
  FROM ${version} v
 WHERE v.incident_id = ANY($1::uuid[]) AND v.from_position <= $3::bigint
   AND (v.to_position IS NULL OR v.to_position > $2::bigint)`;

/** Where in a range of positions a conversion policy was activated. */
export const policiesWithin = ({ record }: Tables): string => `
SELECT r.from_position FROM ${record} r
 WHERE r.kind = 'POLICY' AND r.from_position > $1::bigint AND r.from_position <= $2::bigint
 ORDER BY r.from_position`;
