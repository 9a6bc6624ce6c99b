import type { Flag, GeoPrecision, IncidentType, Measure, Part, Verification } from '../enumerations.js';
import type { Points } from '../claims/estimators.js';
import type { Party, Place, Placements } from '../report/report.js';

/** The figure of one measure and part of an incident. Measures nobody speaks of are absent (silence, domain fold 5). */
export interface MeasureFigure {
  measure: Measure;
  part: Part;
  /** As claimed: lo is above hi where the only source says so (domain rule 11). */
  lo: number;
  /** Null = open. */
  hi: number | null;
  /** True when all that is known is that the number is unknown. */
  unknown: boolean;
  flags: readonly Flag[];
  /** Null where no claimant has a value. */
  points: Points;
}

/** What claimants that differ say of one attribute, the value that holds first. */
export interface ContestedValue {
  value: string;
  claimants: Party[];
}
export type ContestedAttribute = 'date' | 'place' | 'type' | 'weapon' | 'perpetrator';

/** What the claims on an incident come to at one moment: the output of the fold. */
export interface IncidentFigures {
  /** CloudEvents source whose incident this is. */
  publisher: string;
  ref: string | null;
  verification: Verification;
  incidentType: IncidentType;
  /** Civil dates, YYYY-MM-DD. */
  start: string;
  end: string;
  timePrecision: 'DAY' | 'WEEK' | 'MONTH' | 'YEAR';
  place: Place;
  geoPrecision: GeoPrecision;
  placements: Placements;
  /** Types, deliveries and initiations of the weapons that most claimants give; sorted. */
  weapons: string[];
  /** One weapon's delivery or else type, or CONTESTED, MULTIPLE, NONE. */
  weaponGroup: string;
  /** Named by any claimant; sorted. */
  targets: string[];
  /** Names of all actors that any claimant gives, in any role; sorted. */
  actors: string[];
  /** Those held to be the perpetrators by most claimants; sorted. */
  perpetrators: string[];
  /** Victim roles; sorted. */
  roles: string[];
  flags: Flag[];
  /** Active reports. */
  reports: number;
  claimants: number;
  /** By measure, then TOTAL and the parts, in the order of the enumerations. */
  figures: MeasureFigure[];
  contested: Partial<Record<ContestedAttribute, ContestedValue[]>>;
}
