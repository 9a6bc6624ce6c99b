import type {
  DecidedClassification,
  IncidentNamedData,
  IncidentReclassifiedData,
  IncidentRedatedData,
  IncidentRelocatedData,
  IncidentsMergedData,
  IncidentSplitData,
  IncidentVerifiedData,
  MergeRevertedData,
  ReportName,
  StewardGrade,
} from './decision-data.js';
import type { ReportState } from '../report/report-state.js';

/** What a decision says, by the kind of its row. */
export interface DecisionBodies {
  VERIFIED: { grade: StewardGrade };
  RECLASSIFIED: { classification: DecidedClassification };
  REDATED: { occurred: NonNullable<IncidentRedatedData['occurred']> };
  RELOCATED: {
    place: NonNullable<IncidentRelocatedData['place']>;
    placements: NonNullable<IncidentRelocatedData['placements']>;
  };
  RETRACTED: Record<string, never>;
  /** `other` is the survivor. */
  MERGED_INTO: Record<string, never>;
  /** `other` is an incident that was absorbed. */
  ABSORBED: Record<string, never>;
  /** A report recorded here that counts in `other`. */
  SPLIT_OUT: ReportName;
  /** A report recorded in `other` that counts here; `ref` is the key of an incident that the split made. */
  SPLIT_IN: ReportName & { ref: IncidentSplitData['ref'] };
}
export type DecisionKind = keyof DecisionBodies;

/** A decision of a steward that stands on one incident, or one end of a merge or split: a row of table `decision`. */
export type DecisionState = {
  [K in DecisionKind]: {
    kind: K;
    /** Position and id of the event that decided; `seq` tells rows of one event on one incident apart. */
    position: number;
    seq: number;
    eventId: string;
    /** The incident at the other end of a merge or split. */
    other: string | null;
    /** Who decided (domain rule 10), as the leaf names it. */
    actor: string;
    body: DecisionBodies[K];
  };
}[DecisionKind];

interface DecisionData {
  IncidentsMerged: IncidentsMergedData;
  MergeReverted: MergeRevertedData;
  IncidentSplit: IncidentSplitData;
  IncidentVerified: IncidentVerifiedData;
  IncidentReclassified: IncidentReclassifiedData;
  IncidentRedated: IncidentRedatedData;
  IncidentRelocated: IncidentRelocatedData;
  IncidentRetracted: IncidentNamedData;
  IncidentReinstated: IncidentNamedData;
}

/** A steward's decision on incidents, as recorded. */
export type DecisionEvent = {
  [T in keyof DecisionData]: { type: T; position: number; eventId: string; actor: string; data: DecisionData[T] };
}[keyof DecisionData];

/** The key of an incident: who named it, and how. */
export interface IncidentHome {
  /** CloudEvents source. */
  source: string;
  /** Null when only its source is known. */
  ref: string | null;
}

/** An incident as components are made of it. */
export interface IncidentClaims {
  /** Recorded under this incident, tombstones among them; some may count elsewhere. */
  reports: readonly ReportState[];
  /** Those that stand. */
  decisions: readonly DecisionState[];
  /** As last known: tells whose incident it is when none of its own reports is left. */
  home: IncidentHome | null;
}

/** Incidents by their ids: a Map, or whatever else can be asked. An incident that nobody knows has no reports. */
export interface Incidents {
  get: (incidentId: string) => IncidentClaims | undefined;
}
