import type { ActorClaim, Occurred, Place, Placement, Placements, WeaponClaim } from '../report/report.js';
import type { IncidentType, Verification } from '../enumerations.js';

/** A report by its publisher's id, which is unique within one CloudEvents source. */
export interface ReportName {
  source: string;
  reportId: string;
}

/** `data` of IncidentsMerged: the reports of all count together, under the survivor (domain rule 10). */
export interface IncidentsMergedData {
  survivor: string;
  absorbed: string[];
}
/** `data` of MergeReverted: `merge` is the event id of the IncidentsMerged that it takes back. */
export interface MergeRevertedData extends IncidentsMergedData {
  merge: string;
}
/** `data` of IncidentSplit: from now on these reports, and their later revisions, count in `into`. */
export interface IncidentSplitData {
  incident: string;
  into: string;
  /** The key of an incident that this split makes; null when `into` was there before. */
  ref: { source: string; ref: string } | null;
  reports: ReportName[];
}
/** Grades that only a steward gives (domain rule 3); the others follow from the claimants. */
export type StewardGrade = Extract<Verification, 'CONFIRMED' | 'CONTESTED' | 'DISCOUNTED'>;
/** `data` of IncidentVerified. Null: the rule decides again. The grounds are free text and therefore committed. */
export interface IncidentVerifiedData {
  incident: string;
  grade: StewardGrade | null;
}
/** What a steward decided of type, weapons, targets and perpetrators; an absent member leaves it to the claims. */
export interface DecidedClassification {
  incidentType?: IncidentType;
  weapons?: Omit<WeaponClaim, 'by'>[];
  targets?: string[];
  perpetrators?: ActorClaim['name'][];
}
/** `data` of IncidentReclassified. Each decision replaces the one before as a whole; null: the claims decide again. */
export interface IncidentReclassifiedData {
  incident: string;
  classification: DecidedClassification | null;
}
/** `data` of IncidentRedated. Null: the claims decide again. */
export interface IncidentRedatedData {
  incident: string;
  occurred: Pick<Occurred, 'start' | 'end' | 'precision'> | null;
}
/** `data` of IncidentRelocated. Null: the claims decide again. */
export interface IncidentRelocatedData {
  incident: string;
  place: Place | null;
  placements: Placements | null;
}
/** `data` of IncidentRetracted and IncidentReinstated. */
export interface IncidentNamedData {
  incident: string;
}
/** `data` of DuplicateRejected: the two were looked at and are not the same. `a` < `b`. */
export interface DuplicateRejectedData {
  a: string;
  b: string;
}
/**
 * `data` of IncidentsPlaced: where a boundary set that was activated later puts reports (and relocations) recorded
 * before, by the position of their event; each placement once. At most 400 events.
 */
export interface IncidentsPlacedData {
  boundary: string;
  placed: { placement: Placement; positions: number[] }[];
}
