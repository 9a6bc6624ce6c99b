import type { Tables } from '../../project/tables.js';
import { VERSION_COLUMNS } from '../incidents/incident-list.sql.js';

const BEFORE_COLUMNS = VERSION_COLUMNS.replaceAll('v.', 'o.').replaceAll(
  /o\.(\w+)(::text)?( AS \w+)?/g,
  (_, column: string, cast = '') => `o.${column}${cast} AS before_${column}`,
);

/** How a version differs from the one before it: `v` is the state that an event made, `o` the state that it ended. */
export interface ChangeQuery {
  /** Of `v`: which positions, and after which row. */
  conditions: readonly string[];
  /** What makes a version one that a filter counts; null: all changes. */
  matches: { after: readonly string[]; before: readonly string[] } | null;
}

const from = ({ incident_version: version }: Tables, { conditions, matches }: ChangeQuery): string => `
  FROM ${version} v
  LEFT JOIN ${version} o ON o.incident_id = v.incident_id AND o.to_position = v.from_position
 WHERE ${conditions.join('\n   AND ')}${
   matches === null
     ? ''
     : `\n   AND ((${matches.after.join(' AND ')})\n     OR (o.incident_id IS NOT NULL AND ${matches.before.join(' AND ')}))`
 }`;

/** Changes in the order of their events, with both states. */
export const changePage = (tables: Tables, query: ChangeQuery, limit: string): string => `
SELECT ${VERSION_COLUMNS}, ${BEFORE_COLUMNS}${from(tables, query)}
 ORDER BY v.from_position, v.incident_id
 LIMIT ${limit}`;

/** @param known positions that are not counted as events */
export const changeCount = (tables: Tables, query: ChangeQuery, known: string): string => `
SELECT count(*) AS total, count(DISTINCT v.from_position) FILTER (WHERE v.from_position <> ALL(${known})) AS events${from(tables, query)}`;

/**
 * What was recorded at some positions: reports, each with whether it replaced an earlier revision. With a moment, of what had
 * been published by then: there a revision counts that came late, and replaces the highest of those before it.
 */
export const reportsAt = ({ report }: Tables): string => `
SELECT r.from_position, r.incident_id, r.event_id, r.kind, r.source, r.report_id, r.revision, r.published_at, r.body,
       (SELECT max(e.revision) FROM ${report} e
         WHERE e.incident_id = r.incident_id AND e.from_position < r.from_position
           AND (CASE WHEN $3::timestamptz IS NULL THEN e.to_position = r.from_position ELSE e.published_at <= $3 END)
           AND e.kind = 'REPORT' AND e.source = r.source AND e.report_id = r.report_id) AS replaced_revision
  FROM ${report} r
 WHERE r.incident_id = ANY($1::uuid[]) AND r.from_position = ANY($2::bigint[])
   AND (CASE WHEN $3::timestamptz IS NULL THEN r.to_position IS DISTINCT FROM r.from_position
             ELSE r.kind = 'WITHDRAWN' OR r.published_at <= $3 END)`;

/** What stewards decided at some positions, and which decisions ended there. */
export const decisionsAt = ({ decision }: Tables): string => `
SELECT d.from_position, d.to_position, d.incident_id, d.event_id, d.kind, d.other, d.actor
  FROM ${decision} d
 WHERE d.incident_id = ANY($1::uuid[]) AND (d.from_position = ANY($2::bigint[]) OR d.to_position = ANY($2::bigint[]))`;

/** What was recorded beside the incidents at some positions: policies, boundary sets, placements. */
export const recordsAt = ({ record }: Tables): string => `
SELECT r.from_position, r.kind, r.event_id, r.actor
  FROM ${record} r
 WHERE r.from_position = ANY($1::bigint[]) AND r.kind IN ('POLICY', 'BOUNDARY', 'PLACING')`;

/** When some positions were recorded. */
export const momentsOf = ({ moment }: Tables): string => `
SELECT p.position, (SELECT m.recorded_at FROM ${moment} m WHERE m.position >= p.position ORDER BY m.position LIMIT 1) AS recorded_at
  FROM unnest($1::bigint[]) AS p (position)`;
