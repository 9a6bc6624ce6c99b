export { claimantKey, claimantOf, partyKey, reportClaimant } from './claimant.js';
export { checkReport } from './check-report.js';
export { type ConversionPolicy, type PhraseInterval, type ReadPhrase, readPhrase } from './conversion-policy.js';
export { conversionPolicy1 } from './conversion-policy-1.js';
export { decideReport, type KnownRevision, type ReportDecision, type ReportIntent } from './decide-report.js';
export {
  MEASURES,
  type Measure,
  VICTIM_STATUSES,
  type VictimStatus,
  type Part,
  QUALIFIERS,
  type Qualifier,
  SOURCE_KINDS,
  type SourceKind,
  PROTECTED_SOURCE_KINDS,
  INCIDENT_TYPES,
  type IncidentType,
  CIVILIAN_TARGETING,
  WEAPON_TYPES,
  WEAPON_CLASSES,
  WEAPON_DELIVERIES,
  WEAPON_INITIATIONS,
  TARGETS,
  ACTOR_TYPES,
  ACTOR_ROLES,
  ATTRIBUTIONS,
  VICTIM_ROLES,
  SEXES,
  AGES,
  SIDES,
  TIME_PRECISIONS,
  PARTS_OF_DAY,
  GEO_PRECISIONS,
  type GeoPrecision,
  VERIFICATIONS,
  type Verification,
  ESTIMATORS,
  type Estimator,
  FLAGS,
  type Flag,
} from './enumerations.js';
export { estimate, type EstimatorInput, type Points } from './estimators.js';
export { foldIncident } from './fold-incident.js';
export { INCIDENT_NAMESPACE } from './identity.js';
export type { ContestedAttribute, ContestedValue, IncidentFigures, MeasureFigure } from './incident-figures.js';
export { type PostedAt, type Posting, type PostingAmounts, type PostingCell, postingsBetween } from './postings.js';
export type {
  Party,
  ClaimedValue,
  CasualtyClaim,
  WeaponClaim,
  ActorClaim,
  AdminReference,
  Place,
  Occurred,
  Report,
  Confidential,
  ConfidentialVictim,
  PublicReport,
  Placement,
  Placements,
  Disposition,
  ReportRecordedData,
  ReportWithdrawnData,
} from './report.js';
export { applyToIncident, type IncidentChange, type IncidentEvent, type ReportState } from './report-state.js';
export { readValue, type StatedValue } from './stated-value.js';
export { weaponLabel } from './weapons.js';
