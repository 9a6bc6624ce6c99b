export { type Appended, appendEvents, DEFAULT_LOG_ID } from './append-events.js';
export { canonicalize, inCanonicalOrder } from './canonical-json.js';
export { ALGORITHMS, createLog, type CreateLogOptions, systemDraft } from './create-log.js';
export { type Database, joined } from './database.js';
export { type Delivery, findDeliveries } from './deliveries.js';
export {
  type ActivatedData,
  type ConversionPolicyActivatedData,
  type DeliveryGapRecordedData,
  ENVELOPE_VERSION,
  type EventDataByType,
  type EventSource,
  type FigureDigests,
  type Leaf,
  type LogCreatedData,
  type PersonalDataErasedData,
  type RecordedEvent,
  type RejectionResolvedData,
  type ReportRejectedData,
  type SnapshotSealedData,
} from './envelope.js';
export {
  checkDisclosure,
  type Disclosed,
  type Disclosure,
  formatDisclosure,
  makeDisclosure,
  parseDisclosure,
} from './disclosure.js';
export { eraseKeys, eraseValues, type Erased, type Erasure } from './erasing.js';
export { eraseAgain, type ErasedAgain } from './erasing-again.js';
export {
  ClockBehindError,
  ConcurrencyError,
  LeafTooLargeError,
  MalformedDisclosureError,
  MasterKeyError,
  MAX_LEAF_BYTES,
  NoSuchLogError,
  NotCanonicalError,
  SealBrokenError,
  UnreadableLeafError,
} from './errors.js';
export { EventPartitions } from './event-partitions.js';
export {
  contentDigest,
  contentDigestOf,
  identityOf,
  incidentIdOf,
  type OfficialKind,
  reportNameOf,
  streamIdOf,
  uuidV5,
  uuidV7,
} from './identifiers.js';
export {
  advanceCursor,
  type Cursor,
  type CursorKey,
  loadCursors,
  replaceCursor,
  setLineage,
} from './kafka-cursors.js';
export { MasterKey } from './master-key.js';
export { addMasterKey, createMasterKeyFile, dropOldMasterKeys, readMasterKeyFile } from './master-key-file.js';
export {
  checkOpenings,
  type Opened,
  openOpening,
  openPayloadSalt,
  openSealed,
  openSealedOf,
  readSealed,
  type SealedEvent,
  type SealedRow,
} from './opening.js';
export { isNewestShape, parseLeaf, type Upcaster } from './parse-leaf.js';
export {
  decideEvent,
  type Decided,
  type EventDraft,
  type PrepareContext,
  type PreparedEvent,
  prepareEvent,
  type UndecidedDraft,
  writeEvent,
  type WrittenEvent,
} from './prepare-event.js';
export {
  findHead,
  type Head,
  positionAt,
  readEvents,
  readHead,
  type ReadOptions,
  type RecordedRow,
  streamEvents,
} from './read-events.js';
export {
  insertRejectionKeys,
  type OpenedMessage,
  openRejected,
  type RawMessage,
  type SealedRejection,
  sealRejected,
} from './rejection-box.js';
export { findReportHomes } from './report-homes.js';
export { changeMasterKey, checkMasterKey, replacePseudonymKey, type Rewrapped, rewrapKeys } from './rotating.js';
export { HeldSecrets, type LogSecrets, loadSecrets } from './secrets.js';
export type { VaultKey } from './sealing.js';
export { type Committed, pseudonymOf, type SplitReport, splitReason, splitReport } from './splitting.js';
export { splitAggregate, type SplitOfficial, splitSite, splitTrend } from './splitting-official.js';
export { readSealedSnapshots, type RecordedDigests, type SealedSnapshot, SealedSnapshots } from './snapshots.js';
export { loadSubjectKeys, subjectIdOf } from './subject-keys.js';
