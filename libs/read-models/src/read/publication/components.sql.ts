import type { Tables } from '../../project/tables.js';

/** Decisions that stand on some incidents as of a position, in the order in which they were made. */
export const decisionsOfIncidents = ({ decision }: Tables): string => `
SELECT d.incident_id, d.from_position, d.seq, d.event_id, d.kind, d.other, d.actor, d.body
  FROM ${decision} d
 WHERE d.incident_id = ANY($1::uuid[]) AND d.from_position <= $2::bigint
   AND (d.to_position IS NULL OR d.to_position > $2::bigint)
 ORDER BY d.from_position, d.seq`;

/** Every report recorded under some incidents up to a position, those that no longer stand included. */
export const reportsOfIncidents = ({ report }: Tables): string => `
SELECT r.incident_id, r.from_position, CASE WHEN r.to_position <= $2::bigint THEN r.to_position END AS to_position,
       r.to_position IS NOT DISTINCT FROM r.from_position AS is_beside,
       r.event_id, r.kind, r.source, r.report_id, r.revision, r.body
  FROM ${report} r
 WHERE r.incident_id = ANY($1::uuid[]) AND r.from_position <= $2::bigint
 ORDER BY r.from_position, r.event_id`;

/**
 * Every revision that was recorded by a position and published by a moment, and the withdrawals: one range of the key per
 * incident and nothing else, because a chunk of incidents must not cost a scan of all reports.
 */
export const publishedReports = ({ report }: Tables): string => `
SELECT r.incident_id, r.from_position, r.to_position IS NOT DISTINCT FROM r.from_position AS is_beside,
       r.event_id, r.kind, r.source, r.report_id, r.revision, r.body
  FROM ${report} r
 WHERE r.incident_id = ANY($1::uuid[]) AND r.from_position <= $2::bigint
   AND (r.kind = 'WITHDRAWN' OR r.published_at <= $3)`;

/** Incidents that count a report at a position which was published after a moment. */
export const changedByPublication = ({ report }: Tables): string => `
SELECT DISTINCT r.incident_id
  FROM ${report} r
 WHERE r.published_at > $2 AND r.from_position <= $1::bigint AND (r.to_position IS NULL OR r.to_position > $1::bigint)`;

/** Those of some incidents of which a report had been published by a moment: all of them in one go. Ids joined by commas. */
export const publishedIncidents = ({ report }: Tables): string => `
SELECT DISTINCT r.incident_id
  FROM unnest(string_to_array($1, ',')::uuid[]) AS asked (incident_id)
  JOIN ${report} r USING (incident_id)
 WHERE r.from_position <= $2::bigint AND r.published_at <= $3`;

/** The keys of incidents as last known. */
export const homesOfIncidents = ({ incident_version: version }: Tables): string => `
SELECT v.incident_id, v.publisher, v.ref
  FROM ${version} v
 WHERE v.incident_id = ANY($1::uuid[]) AND v.from_position <= $2::bigint
   AND (v.to_position IS NULL OR v.to_position > $2::bigint)`;
