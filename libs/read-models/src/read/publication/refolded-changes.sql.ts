import type { Tables } from '../../project/tables.js';

/** Incidents in which a report published after a moment counted somewhere in a range of positions. */
export const laterPublishedWithin = ({ report }: Tables): string => `
SELECT DISTINCT r.incident_id
  FROM ${report} r
 WHERE r.published_at > $3 AND r.from_position <= $2::bigint AND (r.to_position IS NULL OR r.to_position > $1::bigint)`;

/**
 * Where in a range of positions some incidents may have changed under a publication: by their reports and decisions, by a
 * version that tells whose they are, and where they use vague words by a policy. Ids joined by commas.
 */
export const touchedWithin = ({ report, decision, record, incident_version: version }: Tables): string => `
WITH asked AS MATERIALIZED (SELECT unnest(string_to_array($3, ',')::uuid[]) AS incident_id)
SELECT position, incident_id
  FROM (SELECT r.from_position AS position, incident_id FROM asked JOIN ${report} r USING (incident_id)
         WHERE r.from_position > $1::bigint AND r.from_position <= $2::bigint
           AND (r.kind = 'WITHDRAWN' OR r.published_at <= $4)
         UNION
        SELECT p.position, incident_id FROM asked JOIN ${decision} d USING (incident_id),
               LATERAL (VALUES (d.from_position), (d.to_position)) AS p (position)
         WHERE p.position > $1::bigint AND p.position <= $2::bigint
         UNION
        SELECT v.from_position, incident_id FROM asked JOIN ${version} v USING (incident_id)
         WHERE v.from_position > $1::bigint AND v.from_position <= $2::bigint
           AND EXISTS (SELECT 1 FROM ${decision} d WHERE d.incident_id = v.incident_id)
         UNION
        SELECT c.from_position, incident_id FROM asked JOIN ${report} r USING (incident_id), ${record} c
         WHERE c.kind = 'POLICY' AND c.from_position > $1::bigint AND c.from_position <= $2::bigint
           AND r.vague AND r.published_at <= $4 AND r.from_position < c.from_position) AS touched
 ORDER BY position, incident_id
 LIMIT $5`;
