import type {
  ContestedAttribute,
  ContestedValue,
  Flag,
  IncidentType,
  MeasureFigure,
  Placements,
  Verification,
} from '#app/domain';

export const INCIDENT_STATUSES = ['ACTIVE', 'WITHDRAWN', 'RETRACTED', 'MERGED'] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/** The state of one incident as of a position. */
export interface IncidentState {
  incidentId: string;
  /** The event that made this state. */
  position: number;
  version: number;
  publisher: string;
  ref: string | null;
  /**
   * WITHDRAWN: no report is left; the attributes are the last known ones, and there are no figures. RETRACTED: by a
   * steward; counts nowhere unless asked for. MERGED: counts under `survivor`.
   */
  status: IncidentStatus;
  survivor: string | null;
  verification: Verification;
  incidentType: IncidentType;
  startDate: string;
  endDate: string;
  timePrecision: string;
  placeName: string | null;
  latitude: number | null;
  longitude: number | null;
  geoPrecision: string;
  placements: Placements;
  weapons: string[];
  weaponGroup: string;
  targets: string[];
  actors: string[];
  roles: string[];
  flags: Flag[];
  reports: number;
  claimants: number;
  measures: MeasureFigure[];
  contested: Partial<Record<ContestedAttribute, ContestedValue[]>>;
  perpetrators: string[];
}

/** A row of the queries in incident-list.sql.ts. */
export interface IncidentRow {
  incident_id: string;
  from_position: string;
  version: number;
  publisher: string;
  ref: string | null;
  status: IncidentStatus;
  survivor: string | null;
  verification: Verification;
  incident_type: IncidentType;
  start_date: string;
  end_date: string;
  time_precision: string;
  place_name: string | null;
  latitude: number | null;
  longitude: number | null;
  geo_precision: string;
  placements: string;
  weapons: string[];
  weapon_group: string;
  targets: string[];
  actors: string[];
  roles: string[];
  flags: Flag[];
  reports: number;
  claimants: number;
  figures: string;
}

export function toIncidentState(row: IncidentRow): IncidentState {
  const figures = JSON.parse(row.figures) as Pick<IncidentState, 'measures' | 'contested' | 'perpetrators'>;
  return {
    incidentId: row.incident_id,
    position: Number(row.from_position),
    version: row.version,
    publisher: row.publisher,
    ref: row.ref,
    status: row.status,
    survivor: row.survivor,
    verification: row.verification,
    incidentType: row.incident_type,
    startDate: row.start_date,
    endDate: row.end_date,
    timePrecision: row.time_precision,
    placeName: row.place_name,
    latitude: row.latitude,
    longitude: row.longitude,
    geoPrecision: row.geo_precision,
    placements: JSON.parse(row.placements) as Placements,
    weapons: row.weapons,
    weaponGroup: row.weapon_group,
    targets: row.targets,
    actors: row.actors,
    roles: row.roles,
    flags: row.flags,
    reports: row.reports,
    claimants: row.claimants,
    measures: figures.measures,
    contested: figures.contested,
    perpetrators: figures.perpetrators,
  };
}
