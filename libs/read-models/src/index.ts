export { DIGEST_ALGORITHM, differingTables, digestOf, digests, type TableDigests } from './digest/digests.js';
export type { Difference } from './digest/first-difference.js';
export { digestSnapshot, type SnapshotDigested } from './digest/snapshot-digests.js';
export type { DigestRange } from './digest/digest-queries.js';
export { addIndexes, sumBalances } from './generations/build-steps.js';
export { generations, liveGeneration } from './generations/generation-store.js';
export { UnknownPolicyError } from './generations/generation-target.js';
export type { OnProgress, Progress } from './generations/progress.js';
export { rebuild, type RebuildOptions, type RebuildResult } from './generations/rebuild.js';
export { RebuildDiffersError, RebuildRunningError } from './generations/rebuild-errors.js';
export {
  replay,
  ReplayBeyondFiguresError,
  type ReplayedLog,
  type ReplayOptions,
  ReplayRunningError,
} from './generations/replay.js';
export { isSame, type KeptBalances, type RecordedSnapshot, type ReplayOutcome } from './generations/replay-outcome.js';
export type { LeafSource, PlacedLeaf } from './project/event-source.js';
export { LiveProjection, type ProjectionStep, type StepOutcome } from './live/live-projection.js';
export { LogGapError } from './project/event-pages.js';
export { ProjectionTarget, projectBatch, type TargetOptions } from './project/project-batch.js';
export type { CandidateChange } from './project/batch-rows.js';
export { type ProjectionEvent, projectionEventOf } from './project/projection-event.js';
export { type Tables, tablesOf, tablesOfGeneration } from './project/tables.js';
export { UnfoldableEventError } from './project/unfoldable-event-error.js';
export type { VersionFigures } from './project/version-columns.js';
export {
  type GenerationRow,
  type IncidentVersionRow,
  READ_MODEL_TABLES,
  type ReadModelTable,
  type ReportRow,
} from './rows.js';
export { policyOf } from './project/standing-policy.js';
export {
  type AsOf,
  AS_OF_FORMS,
  type AsOfRequest,
  type AsOfResult,
  type AsOfSource,
  isCivilDate,
  parseAsOf,
  positionAsOf,
  resolveAsOf,
} from './read/as-of/as-of.js';
export {
  type Dimension,
  DIMENSIONS,
  type Period,
  periodOf,
  PERIODS,
  type RegionLevel,
  regionLevelOf,
} from './read/figures/dimension.js';
export {
  type Candidate,
  type CandidateFilter,
  type CandidateKey,
  type CandidateSide,
  countCandidates,
  readCandidatePage,
  readCountsUnder,
} from './read/duplicates/candidates.js';
export {
  type OpenCandidates,
  readOpenCandidates,
  readOpenCandidatesBetween,
} from './read/duplicates/open-candidates.js';
export { cellKey, countedFigures } from './read/figures/counted-figures.js';
export type { FigureCell } from './read/figures/figure-cell.js';
export { type FigureRequest, readCellsBetween, readFigureCells } from './read/figures/figure-cells.js';
export { CELLS_MAX } from './read/figures/figure-queries.js';
export { chooseSource, type FigureSource } from './read/figures/figure-source.js';
export {
  type FigureShape,
  type GroupFigures,
  GroupSums,
  type MeasureSums,
  type PlacedOnlyTo,
  shownMeasures,
} from './read/figures/figures.js';
export {
  type DateRule,
  EVERY_INCIDENT,
  type IncidentFilter,
  type RegionFilter,
} from './read/incidents/incident-filter.js';
export { type BoundingBox, type Circle, isLocated } from './read/incidents/drawn-area.js';
export {
  countIncidents,
  INCIDENT_SORTS,
  type IncidentKey,
  type IncidentListRequest,
  type IncidentPage,
  type IncidentSort,
  readIncidentPage,
} from './read/incidents/incident-list.js';
export {
  readIncident,
  readPublishers,
  readSealedPointers,
  readUnknownActors,
  type SealedPointer,
} from './read/incidents/incident-reports.js';
export { INCIDENT_STATUSES, type IncidentState } from './read/incidents/incident-row.js';
export {
  type OfficialName,
  type OfficialRecord,
  type OfficialRecordKind,
  readOfficial,
  readOfficialNames,
} from './read/official/official.js';
export {
  type ChangeKey,
  type ChangeRange,
  countChanges,
  type IncidentChange,
  readChanges,
} from './read/changes/changes.js';
export { CHANGE_REASONS, type ChangeCause, decisionNamed, readCauses } from './read/changes/reasons.js';
export { matchesFilter } from './read/incidents/incident-matching.js';
export { type ActiveBoundarySet, hasPlacedAll, readBoundarySets } from './read/as-of/boundary-sets.js';
export { readDecisions, type RecordedDecision } from './read/incidents/decisions.js';
export { readSnapshots, type Snapshot, type SnapshotDigests } from './read/as-of/snapshots.js';
export { Components, type ReportRevision } from './read/publication/components.js';
export { readPolicy } from './read/as-of/policy.js';
export { Publication } from './read/publication/publication.js';
export {
  REFOLDS_MAX,
  refoldedChanges,
  refoldedWithin,
  TooManyRefoldsError,
} from './read/publication/refolded-changes.js';
export { nextPeriod, periodEnd, periodKey, periodStart } from './read/figures/period-key.js';
