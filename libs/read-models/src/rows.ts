import type { Verification } from '#app/domain';

/**
 * The rows of the read model as `pg` returns them through `createPool` of #app/runtime: bigint as number, civil dates as
 * YYYY-MM-DD. Columns: infra/postgres/migrations/0004_project_decisions.sql.
 */
export interface ReportRow {
  incident_id: string;
  /** The event from which on this report counts, and the one that replaced or withdrew it (null: it still counts). */
  from_position: number;
  to_position: number | null;
  event_id: string;
  kind: 'REPORT' | 'WITHDRAWN';
  source: string;
  report_id: string;
  revision: number;
  published_at: Date | null;
  /** JSON of ReportRecordedData; null for a withdrawal. */
  body: string | null;
  /** Whether a claim of it counts by a vague word, and therefore by the conversion policy. */
  vague: boolean;
}

export interface IncidentVersionRow {
  incident_id: string;
  from_position: number;
  to_position: number | null;
  version: number;
  publisher: string;
  ref: string | null;
  /**
   * WITHDRAWN: no report is left; the attributes are then the last known ones, and figures are empty.
   * RETRACTED: by a steward; counts nowhere. MERGED: counts under `survivor`.
   */
  status: 'ACTIVE' | 'WITHDRAWN' | 'RETRACTED' | 'MERGED';
  verification: Verification;
  incident_type: string;
  start_date: string;
  end_date: string;
  time_precision: string;
  place_name: string | null;
  latitude: number | null;
  longitude: number | null;
  geo_precision: string;
  /** JSON of Placements. */
  placements: string;
  /** `<boundary set>:<code>` of every country and area that holds the incident. */
  areas: string[];
  weapons: string[];
  weapon_group: string;
  targets: string[];
  actors: string[];
  roles: string[];
  flags: string[];
  reports: number;
  claimants: number;
  /** JSON of `VersionFigures`. */
  figures: string;
  survivor: string | null;
}

/** Something that stands beside the incidents; `body` is JSON whose shape `kind` tells. */
export interface RecordRow {
  kind: RecordKind;
  /** Names the thing, whatever it says; unique among the rows of a kind that stand. */
  key: string;
  /** The stream of the events about it: that of a series, a trend or a site, else the log's own. */
  stream: string;
  from_position: number;
  to_position: number | null;
  event_id: string;
  /** CloudEvents source; null for what the system or a steward recorded. */
  source: string | null;
  /** Who recorded it, as the leaf names it: a steward, a publisher, or the ledger itself. */
  actor: string;
  body: string;
}
export type RecordKind =
  | 'AGGREGATE'
  | 'TREND'
  | 'SITE'
  | 'POLICY'
  | 'BOUNDARY'
  | 'PROJECTION'
  | 'SNAPSHOT'
  | 'SNAPSHOT_DIGESTS'
  /** When what a withdrawal ended was published, the latest of all such: for good, so that nothing older counts again. */
  | 'WITHDRAWN_AGGREGATE'
  | 'WITHDRAWN_TREND'
  | 'WITHDRAWN_SITE'
  /**
   * An IncidentsPlaced event, which stands for no time: for what says why figures changed, and how far a set has placed
   * (`upTo`, by which boundary-sets.ts asks whether it has placed all).
   */
  | 'PLACING'
  | 'DUPLICATE_REJECTED';

/** Two incidents that may be one, with what figures are usually asked by of each of them. */
export interface CandidateRow {
  a: string;
  b: string;
  from_position: number;
  to_position: number | null;
  score: number;
  a_start_date: string;
  b_start_date: string;
  a_publisher: string;
  b_publisher: string;
  a_incident_type: string;
  b_incident_type: string;
  /** As those of a version, and the boundary sets that place it as `iso-3166:`; empty where it is DISCOUNTED. */
  a_areas: string[];
  b_areas: string[];
  body: string;
}

export interface GenerationRow {
  generation: number;
  projection: number;
  /** Number of the conversion policy in force at the checkpoint. */
  policy: number;
  /** The policy under which the generation is folded, whatever the log activates; null = as the log says. */
  policy_override: number | null;
  status: 'BUILDING' | 'LIVE' | 'RETIRED';
  position: number;
  balanced: boolean;
  started_at: Date;
  live_since: Date | null;
}

/** What a posting or balance has a number for; the words of a kind, in their order, are named in codes.ts. */
export interface CodeRow {
  /** Never 0; the sign tells kinds of words apart that questions tell apart (codes.ts). */
  code: number;
  kind: CodeKind;
  first: string;
  second: string;
  third: string;
}
export type CodeKind = 'REGION' | 'AREA' | 'PUBLISHER' | 'CLASS' | 'FIGURE';

/**
 * The tables that every generation has, with what they say as a digest covers it; their views without a number show the live
 * one. Beside them each has the table `code`, whose words stand in the rows of postings and balances, and `pair`, which is summed
 * from the candidates.
 */
export const READ_MODEL_TABLES = [
  'report',
  'decision',
  'record',
  'candidate',
  'incident_version',
  'posting',
  'balance',
  'moment',
  'publisher',
] as const;
export type ReadModelTable = (typeof READ_MODEL_TABLES)[number];
/** What can be compared row by row. */
export type ComparedTable = ReadModelTable | 'pair';
