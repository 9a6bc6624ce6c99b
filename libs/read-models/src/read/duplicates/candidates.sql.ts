import type { Tables } from '../../project/tables.js';

/** Holds of rows that stood at `position`, a placeholder. */
const stood = (alias: string, position: string): string =>
  `${alias}.from_position <= ${position} AND (${alias}.to_position IS NULL OR ${alias}.to_position > ${position})`;

export interface CandidateQuery {
  /** Placeholder of the position. */
  position: string;
  /** Conditions on the pair `c`. */
  pair: readonly string[];
  /** Conditions on an incident version, given its alias: one of the two has to fulfil all of them. */
  either: (alias: string) => readonly string[];
}

/** Pairs that stood, with the two incidents as they were. */
function pairs({ candidate, incident_version }: Tables, { position, pair, either }: CandidateQuery): string {
  const oneOf = ['x', 'y'].map((alias) => either(alias)).filter((conditions) => conditions.length > 0);
  const sides = oneOf.length === 0 ? [] : [oneOf.map((conditions) => `(${conditions.join(' AND ')})`).join(' OR ')];
  return `
    FROM ${candidate} c
    JOIN ${incident_version} x ON x.incident_id = c.a AND ${stood('x', position)}
    JOIN ${incident_version} y ON y.incident_id = c.b AND ${stood('y', position)}
   WHERE ${[stood('c', position), ...pair, ...sides.map((condition) => `(${condition})`)].join(' AND ')}`;
}

const SIDE = [
  'incident_id',
  'publisher',
  'ref',
  'verification',
  'incident_type',
  'start_date',
  'place_name',
  'geo_precision',
  'placements',
  'actors',
];

export const candidatePage = (
  tables: Tables,
  query: CandidateQuery,
  { after, limit }: { after: string | null; limit: string },
): string => `
SELECT c.from_position, c.score, c.body,
       ${['x', 'y'].map((side) => SIDE.map((column) => `${side}.${column}${column === 'start_date' ? '::text' : ''} AS ${side}_${column}`).join(', ')).join(',\n       ')}
  ${pairs(tables, { ...query, pair: after === null ? query.pair : [...query.pair, after] })}
 ORDER BY c.score DESC, c.a, c.b
 LIMIT ${limit}`;

export const candidateCount = (tables: Tables, query: CandidateQuery): string =>
  `SELECT count(*) AS total ${pairs(tables, query)}`;

export const candidatePublishers = (tables: Tables, query: CandidateQuery): string => `
WITH m AS MATERIALIZED (SELECT x.publisher AS one, y.publisher AS other ${pairs(tables, query)})
SELECT (SELECT count(*) FROM m) AS open,
       array(SELECT one FROM m UNION SELECT other FROM m ORDER BY 1) AS publishers`;

/** The incident under which another counts, itself where it counts by itself. */
export const countsUnder = ({ incident_version }: Tables): string => `
SELECT coalesce(v.survivor, v.incident_id) AS root
  FROM ${incident_version} v
 WHERE v.incident_id = $1::uuid AND ${stood('v', '$2::bigint')}`;
