import type { Verification } from '#app/domain';

/**
 * The rows of the read model as `pg` returns them through `createPool` of #app/runtime: bigint as number, civil dates as
 * YYYY-MM-DD. Columns: infra/postgres/migrations/0002_create_read_model.sql.
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
}

export interface IncidentVersionRow {
  incident_id: string;
  from_position: number;
  to_position: number | null;
  version: number;
  publisher: string;
  ref: string | null;
  /** WITHDRAWN: no report is left. The attributes are then the last known ones; figures are empty. */
  status: 'ACTIVE' | 'WITHDRAWN';
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
}

export interface GenerationRow {
  generation: number;
  projection: number;
  policy: number;
  status: 'BUILDING' | 'LIVE' | 'RETIRED';
  position: number;
  balanced: boolean;
  started_at: Date;
  live_since: Date | null;
}

/** The tables that every generation has; their views without a number show the live one. */
export const READ_MODEL_TABLES = ['report', 'incident_version', 'posting', 'balance', 'moment', 'publisher'] as const;
export type ReadModelTable = (typeof READ_MODEL_TABLES)[number];

/** Version of the rules that turn events into rows; a change of it is an event (architecture §4). */
export const PROJECTION_VERSION = 1;
/** Version of the conversion policy that the fold uses. */
export const POLICY_VERSION = 1;
