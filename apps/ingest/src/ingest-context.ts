import type { TopicSources } from '#app/contract';
import type { LogSecrets, MasterKey } from '#app/log';
import type { PlaceInSets } from './place/active-boundary-sets.js';

/**
 * What every part of the recording needs to know of the log and the configuration. Fixed for the life of the process, but
 * for the secrets: each transaction holds those that are valid (`HeldSecrets`), and only the key of the content digests is
 * used before it.
 */
export interface IngestContext {
  logId: number;
  /** Id of the log, as LogCreated names it. */
  log: string;
  masterKey: MasterKey;
  secrets: LogSecrets;
  sources: TopicSources;
}

export interface ForcedRefusal {
  code: 'LEAF_TOO_LARGE' | 'UNPROCESSABLE';
  /** Even the refusal failed with what the message says of itself: only its coordinates and its bytes are kept. */
  bare: boolean;
}

/** Messages that could not be recorded at an earlier attempt and are refused at this one, by their coordinates. */
export type ForcedRefusals = ReadonlyMap<string, ForcedRefusal>;

/** The context of one attempt at one batch. */
export interface AttemptContext extends IngestContext {
  forced: ForcedRefusals;
  /** Where the boundary sets put a place that are active for this transaction. */
  placeInSets: PlaceInSets;
}
