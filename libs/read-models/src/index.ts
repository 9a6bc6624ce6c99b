export { differingTables, digests, type TableDigests } from './digest/digests.js';
export type { DigestRange } from './digest/digest-queries.js';
export { generations, liveGeneration } from './generations/generation-store.js';
export type { OnProgress, Progress } from './generations/progress.js';
export { rebuild, type RebuildOptions, type RebuildResult } from './generations/rebuild.js';
export { RebuildDiffersError, RebuildRunningError } from './generations/rebuild-errors.js';
export {
  replay,
  ReplayBeyondFiguresError,
  type ReplayOptions,
  type ReplayOutcome,
  ReplayRunningError,
} from './generations/replay.js';
export { LiveProjection, type StepOutcome } from './live/live-projection.js';
export { LogGapError } from './project/event-pages.js';
export { ProjectionTarget, projectBatch } from './project/project-batch.js';
export { type ProjectionEvent, projectionEventOf } from './project/projection-event.js';
export { type Tables, tablesOf, tablesOfGeneration } from './project/tables.js';
export { UnfoldableEventError } from './project/unfoldable-event-error.js';
export type { VersionFigures } from './project/version-columns.js';
export {
  type GenerationRow,
  type IncidentVersionRow,
  POLICY_VERSION,
  PROJECTION_VERSION,
  READ_MODEL_TABLES,
  type ReadModelTable,
  type ReportRow,
} from './rows.js';
export { type AsOf, type AsOfRequest, type AsOfResult, isCivilDate, parseAsOf, resolveAsOf } from './read/as-of.js';
export {
  type Dimension,
  DIMENSIONS,
  type Period,
  periodOf,
  PERIODS,
  type RegionLevel,
  regionLevelOf,
} from './read/dimension.js';
export type { FigureCell } from './read/figure-cell.js';
export {
  CELLS_MAX,
  chooseSource,
  type FigureRequest,
  type FigureSource,
  readFigureCells,
} from './read/figure-cells.js';
export {
  type FigureShape,
  type GroupFigures,
  GroupSums,
  type MeasureSums,
  type PlacedOnlyTo,
  shownMeasures,
} from './read/figures.js';
export type { DateRule, IncidentFilter, RegionFilter } from './read/incident-filter.js';
export {
  type BoundingBox,
  type Circle,
  countIncidents,
  INCIDENT_SORTS,
  type IncidentKey,
  type IncidentListRequest,
  type IncidentPage,
  type IncidentSort,
  isLocated,
  readIncidentPage,
} from './read/incident-list.js';
export {
  readIncident,
  readPublishers,
  readReports,
  readSealedPointers,
  type RecordedReport,
  type SealedPointer,
} from './read/incident-reports.js';
export type { IncidentState } from './read/incident-row.js';
export { nextPeriod, periodEnd, periodKey, periodStart } from './read/period-key.js';
