import type {
  AggregatePublishedData,
  AggregateWithdrawnData,
  ConversionPolicy,
  DuplicateRejectedData,
  EventType,
  IncidentNamedData,
  IncidentReclassifiedData,
  IncidentRedatedData,
  IncidentRelocatedData,
  IncidentsMergedData,
  IncidentSplitData,
  IncidentsPlacedData,
  IncidentVerifiedData,
  MergeRevertedData,
  ReportRecordedData,
  ReportWithdrawnData,
  SiteRecordedData,
  SiteWithdrawnData,
  TrendAssertedData,
  TrendWithdrawnData,
} from '#app/domain';

/** Version of the envelope: the members of a leaf beside `data`. */
export const ENVELOPE_VERSION = 1;

/** Where an event came from. Null for what the system itself records (LogCreated, activations at creation, gaps). */
export interface EventSource {
  ceSource: string;
  ceId: string;
  cluster: string;
  topic: string;
  partition: number;
  offset: number;
  /** base64url SHA-256(salt16 ‖ raw message value); the salt is sealed under the pointer "". */
  payloadCommitment: string;
}

export interface LogCreatedData {
  log: string;
  origin: string;
  incidentNamespace: string;
  algorithms: Record<string, string>;
}
export interface ReportRejectedData {
  rejection: string;
  stage: string;
  code: string;
  /** At most 20; never values. */
  problems: { pointer: string; code: string }[];
}
export interface RejectionResolvedData {
  rejection: string;
}
export interface DeliveryGapRecordedData {
  cluster: string;
  topic: string;
  partition: number;
  /** First and last offset that Kafka lost before we read them, inclusive. */
  fromOffset: number;
  toOffset: number;
  reason: 'EXPIRED' | 'TOPIC_RECREATED';
}
export interface ActivatedData {
  /** Code of the boundary set, or number of the policy or projection. */
  name: string;
  sha256: string;
}
/** The built-in policies are named alone; any other is in the event itself, so that a replay needs nothing else. */
export interface ConversionPolicyActivatedData extends ActivatedData {
  policy?: ConversionPolicy;
}
/**
 * A name for a position, at which figures can be read for ever by it. The first event of a name gives it to its own
 * position; a second one, once the figures have come so far, records what they were there.
 */
export interface SnapshotSealedData {
  name: string;
  /** Version of the projection: at the sealing the one in use, beside digests the one that made the figures. */
  projection: number;
  /** Beside digests: the position that the name stands for. */
  position?: number;
  digests?: FigureDigests;
}
/** What the read models were at a position (docs/snapshots.md). */
export interface FigureDigests {
  /** Names how rows become a digest. */
  algorithm: string;
  /** By table: SHA-256, hex. */
  tables: Record<string, string>;
}
export interface PersonalDataErasedData {
  /**
   * What became unreadable: each set of pointers once, with the positions of the events that lost just these; ranges with
   * both ends, ascending. "" is the salt of the payload commitment; of a ReportRejected event also the bytes refused.
   */
  erased: { pointers: string[]; positions: [from: number, to: number][] }[];
  rejection?: string;
  authority: string;
}

/** `data` by event type, for the types that this version writes. */
export interface EventDataByType {
  LogCreated: LogCreatedData;
  ReportRecorded: ReportRecordedData;
  ReportWithdrawn: ReportWithdrawnData;
  ReportRejected: ReportRejectedData;
  RejectionRequeued: RejectionResolvedData;
  RejectionDiscarded: RejectionResolvedData;
  DeliveryGapRecorded: DeliveryGapRecordedData;
  IncidentsMerged: IncidentsMergedData;
  MergeReverted: MergeRevertedData;
  IncidentSplit: IncidentSplitData;
  IncidentVerified: IncidentVerifiedData;
  IncidentReclassified: IncidentReclassifiedData;
  IncidentRedated: IncidentRedatedData;
  IncidentRelocated: IncidentRelocatedData;
  IncidentRetracted: IncidentNamedData;
  IncidentReinstated: IncidentNamedData;
  DuplicateRejected: DuplicateRejectedData;
  AggregatePublished: AggregatePublishedData;
  AggregateWithdrawn: AggregateWithdrawnData;
  TrendAsserted: TrendAssertedData;
  TrendWithdrawn: TrendWithdrawnData;
  SiteRecorded: SiteRecordedData;
  SiteWithdrawn: SiteWithdrawnData;
  BoundarySetActivated: ActivatedData;
  IncidentsPlaced: IncidentsPlacedData;
  ConversionPolicyActivated: ConversionPolicyActivatedData;
  ProjectionActivated: ActivatedData;
  SnapshotSealed: SnapshotSealedData;
  PersonalDataErased: PersonalDataErasedData;
}

/** A leaf, parsed. Members are in the order in which RFC 8785 writes them. */
export interface Leaf<T extends EventType = EventType> {
  actor: string;
  also?: { stream: string; streamVersion: number }[];
  causationId: string | null;
  correlationId: string;
  data: T extends keyof EventDataByType ? EventDataByType[T] : unknown;
  id: string;
  log: string;
  occurred?: { start: string; end: string; precision: string };
  position: number;
  recordedAt: string;
  /** JSON Pointer → base64url SHA-256(salt16 ‖ JCS([pointer, value])). */
  sd: Record<string, string>;
  source: EventSource | null;
  stream: string;
  streamVersion: number;
  type: T;
  v: number;
}

/** A leaf whose `data` is narrowed by its `type`. */
export type RecordedEvent = { [T in keyof EventDataByType]: Leaf<T> }[keyof EventDataByType];
