import {
  type DecisionKind,
  type DecisionState,
  type Incidents,
  type Place,
  type Placements,
  rootOf,
} from '#app/domain';
import { DecisionRefused } from './carried-out.js';

/** What is asked of the incidents that a decision names. */
export interface IncidentsAsked extends Incidents {
  exists(incidentId: string): boolean;
  decided(incidentId: string, kind: DecisionKind): DecisionState | undefined;
  isRejected(a: string, b: string): boolean;
}

/** A merge as recorded; what UNMERGE takes back. */
export interface RecordedMerge {
  survivor: string;
  absorbed: string[];
}

/** What a decision needs beside the incidents. */
export interface Beside {
  merge: RecordedMerge | null;
  place: (place: Place) => Placements;
}

/** @throws DecisionRefused DECISION_TARGET_MERGED; the survivor is named in the detail, which is not public */
export function refuseMerged(known: Incidents, incidentId: string, pointer: string): void {
  const root = rootOf(known, incidentId);
  if (root === incidentId) return;
  throw new DecisionRefused('DECISION_TARGET_MERGED', pointer, `it counts under ${root}: decide on that one`);
}
