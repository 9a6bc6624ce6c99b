import type { Tables } from '../../project/tables.js';

/** Columns of a version as a reader sees it; civil dates as text, so that no time zone moves them. */
export const VERSION_COLUMNS = `v.incident_id, v.from_position, v.version, v.publisher, v.ref, v.status, v.survivor,
       v.verification, v.incident_type, v.start_date::text AS start_date, v.end_date::text AS end_date,
       v.time_precision, v.place_name, v.latitude, v.longitude, v.geo_precision, v.placements, v.weapons,
       v.weapon_group, v.targets, v.actors, v.roles, v.flags, v.reports, v.claimants, v.figures`;

export interface ListQuery {
  conditions: readonly string[];
  /** The row after which the page begins, as a comparison; none for the first page. */
  after: string | null;
  order: string;
  /** Placeholder. */
  limit: string;
}

export function incidentPage(
  { incident_version: version }: Tables,
  { conditions, after, order, limit }: ListQuery,
): string {
  return `
SELECT ${VERSION_COLUMNS}
  FROM ${version} v
 WHERE ${[...conditions, ...(after === null ? [] : [after])].join('\n   AND ')}
 ORDER BY ${order}
 LIMIT ${limit}`;
}

export function incidentCount({ incident_version: version }: Tables, conditions: readonly string[]): string {
  return `
SELECT count(*) AS total
  FROM ${version} v
 WHERE ${conditions.join('\n   AND ')}`;
}

/** Ids of the incidents that have a version like that. */
export function incidentsMatching({ incident_version: version }: Tables, conditions: readonly string[]): string {
  return `SELECT v.incident_id FROM ${version} v WHERE ${conditions.join(' AND ')}`;
}

/** The state of one incident as of a position. */
export const oneIncident = ({ incident_version: version }: Tables): string => `
SELECT ${VERSION_COLUMNS}
  FROM ${version} v
 WHERE v.incident_id = $1::uuid AND v.from_position <= $2::bigint
   AND (v.to_position IS NULL OR v.to_position > $2::bigint)`;

/** The states of several incidents as of a position. */
export const severalIncidents = ({ incident_version: version }: Tables): string => `
SELECT ${VERSION_COLUMNS}
  FROM ${version} v
 WHERE v.incident_id = ANY($1::uuid[]) AND v.from_position <= $2::bigint
   AND (v.to_position IS NULL OR v.to_position > $2::bigint)`;

/** What was committed by some events: only the names of the boxes and whether their key still exists. */
export const SEALED_POINTERS = `
SELECT s.event_id, pointer, bool_and(k.key_id IS NULL) AS is_erased
  FROM ledger.sealed s
  LEFT JOIN vault.key k USING (key_id)
 CROSS JOIN LATERAL json_object_keys(s.boxes::json) AS pointer
 WHERE s.event_id = ANY($1::uuid[]) AND pointer <> ''
 GROUP BY s.event_id, pointer`;

/** Every source that has something recorded. */
export const publishers = ({ publisher }: Tables): string => `
SELECT publisher
  FROM ${publisher}
 ORDER BY publisher`;

/** Texts that stand in no name of an actor, in any case. */
export const unknownActors = ({ incident_version: version }: Tables): string => `
SELECT t.text
  FROM unnest($1::text[]) AS t (text)
 WHERE NOT EXISTS (SELECT 1 FROM ${version} v, unnest(v.actors) AS a (name)
                    WHERE v.from_position <= $2::bigint AND strpos(lower(a.name), lower(t.text)) > 0)`;
