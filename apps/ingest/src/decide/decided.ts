import { type DecisionV1, type IncidentName, readIncidentName } from '#app/contract';
import { type EventDataByType, incidentIdOf, splitReason } from '#app/log';
import type { KeyedDecision } from '../record-batch/keyed.js';
import type { PlannedEvent } from '../record-batch/plan.js';
import { type CarriedOut, DecisionRefused, refuseStale } from './carried-out.js';
import { envelopeOf } from './draft-incident-event.js';

/** What a decision becomes: an event of its first stream that names the further ones. */
export interface Decided<T extends keyof EventDataByType = keyof EventDataByType> {
  type: T;
  data: EventDataByType[T];
  streams: [first: string, ...also: string[]];
}

/** Holds the data to the shape of its type. */
export function decided<T extends keyof EventDataByType>(
  type: T,
  data: EventDataByType[T],
  ...streams: [first: string, ...also: string[]]
): Decided {
  return { type, data, streams };
}

/** The ledger id of an incident, however a decision names it. */
export function idOf(name: IncidentName): string {
  const read = readIncidentName(name);
  return 'id' in read ? read.id : incidentIdOf(read.source, read.ref);
}

/** @throws DecisionRefused DECISION_NOT_APPLICABLE */
export function notApplicable(pointer: string, detail: string): never {
  throw new DecisionRefused('DECISION_NOT_APPLICABLE', pointer, detail);
}

/**
 * The event of a decision, with the next version of each of its streams.
 * @throws DecisionRefused DECISION_STALE, by the version of the first stream
 */
export function draftDecision(
  { reading, delivery }: KeyedDecision,
  { type, data, streams }: Decided,
  versionOf: (stream: string) => number,
): CarriedOut {
  const [stream, ...others] = streams;
  refuseStale(reading.data, versionOf(stream));
  const also = [...new Set(others)]
    .filter((other) => other !== stream)
    .map((other) => ({ stream: other, streamVersion: versionOf(other) + 1 }));
  const draft = {
    ...envelopeOf(reading),
    type,
    data,
    stream,
    streamVersion: versionOf(stream) + 1,
    ...(also.length === 0 ? {} : { also }),
    actor: `steward:${reading.data.by}`,
    committed: splitReason<DecisionV1>(reading.data).committed,
    delivery,
  };
  const event: PlannedEvent = { draft, message: reading.message, subjects: new Map(), refused: null };
  return { events: [event], resolution: null, again: null };
}
