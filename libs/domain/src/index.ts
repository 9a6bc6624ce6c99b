export { applyDecision, type DecisionChange } from './decisions/apply-decision.js';
export { claimantKey, claimantOf, partyKey, reportClaimant } from './claims/claimant.js';
export { checkReport } from './report/check-report.js';
export { countingReports, foldComponent, foldMember, isSameReport, membersOf, rootOf } from './decisions/component.js';
export { type ConversionPolicy, type PhraseInterval, type ReadPhrase, readPhrase } from './claims/conversion-policy.js';
export { builtInPolicy, conversionPolicy1 } from './claims/conversion-policy-1.js';
export type {
  DecidedClassification,
  DuplicateRejectedData,
  IncidentNamedData,
  IncidentReclassifiedData,
  IncidentRedatedData,
  IncidentRelocatedData,
  IncidentsMergedData,
  IncidentSplitData,
  IncidentsPlacedData,
  IncidentVerifiedData,
  MergeRevertedData,
  ReportName,
  StewardGrade,
} from './decisions/decision-data.js';
export type {
  DecisionBodies,
  DecisionEvent,
  DecisionKind,
  DecisionState,
  IncidentClaims,
  IncidentHome,
  Incidents,
} from './decisions/decision-state.js';
export { decideReport, type KnownRevision, type ReportDecision, type ReportIntent } from './report/decide-report.js';
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
export { estimate, type EstimatorInput, type Points } from './claims/estimators.js';
export { foldIncident } from './fold/fold-incident.js';
export { INCIDENT_NAMESPACE } from './identity.js';
export type { ContestedAttribute, ContestedValue, IncidentFigures, MeasureFigure } from './fold/incident-figures.js';
export { isAssertedOf, speakerOf } from './official/assertions.js';
export {
  addIncident,
  addRecorded,
  type Amount,
  type Amounts,
  compareIncident,
  type ComparedIncident,
  type ComparisonRule,
  nothingRecorded,
  POLICE_RULES,
  type PoliceRule,
  policeRuleOf,
  type RecordedAmount,
  residualOf,
} from './official/comparison.js';
export {
  type ComparedSides,
  type Difference,
  DIFFERENCE_CODES,
  type DifferenceCode,
  differencesOf,
} from './official/differences.js';
export {
  AGGREGATE_KINDS,
  type AggregateKind,
  INDICATORS,
  type Indicator,
  SITE_KINDS,
  type SiteKind,
  STATUS_DEFINITIONS,
  type StatusDefinition,
  TREND_DIRECTIONS,
  TREND_METRICS,
  type TrendDirection,
  type TrendMetric,
} from './official/enumerations.js';
export {
  type Interval,
  intervalOf,
  numberOf,
  plus,
  type Unallocated,
  UNALLOCATED_FLAGS,
  type UnallocatedFlag,
  unallocatedOf,
} from './official/interval.js';
export { roleAmounts } from './official/role-amounts.js';
export { lengthOf, recordOf, type SeriesNumber, type SeriesRecord, stepOf } from './official/series.js';
export {
  figureNameOf,
  isPublishedBy,
  isTakenBack,
  liesWithin,
  overlaps,
  type PublishedWhen,
  laterPublished,
  reopens,
  replaces,
} from './official/standing.js';
export type {
  Aggregate,
  AggregatePublishedData,
  AggregateWithdrawnData,
  AreaCode,
  AreaValue,
  Period,
  PublicAggregate,
  PublicSite,
  PublicTrend,
  Site,
  SiteRecordedData,
  SiteWithdrawnData,
  Trend,
  TrendAssertedData,
  TrendWithdrawnData,
} from './official/messages.js';
export {
  type PostedAt,
  type Posting,
  type PostingAmounts,
  type PostingCell,
  DATED_TO_YEAR,
  postingsBetween,
} from './postings/postings.js';
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
} from './report/report.js';
export { applyToIncident, type IncidentChange, type IncidentEvent, type ReportState } from './report/report-state.js';
export { EVENT_TYPES, type EventType } from './event-types.js';
export { PROJECTION_VERSION } from './projection-version.js';
export { readValue, type StatedValue } from './claims/stated-value.js';
export { withPlacement } from './fold/place-agreement.js';
export { weaponLabel } from './fold/weapons.js';
export {
  distanceKm,
  DUPLICATE_DAYS_MAX,
  DUPLICATE_KM_MAX,
  DUPLICATE_RULES,
  type DuplicateMatch,
  type DuplicateRule,
  matchDuplicates,
  pointOf,
  type Sighting,
} from './duplicates/duplicates.js';
export { namesOfActor } from './duplicates/actor-names.js';
export { type TypeAgreement, typesAgreeingWith } from './duplicates/type-families.js';
