import { boxesTogether, NO_VALUES } from './boxes.js';
import type { EventSource } from './envelope.js';
import type { EventDraft, PrepareContext } from './prepare-event.js';
import type { Committed } from './splitting.js';
import { derivedSalt, payloadCommitment, sealTogether, sealValue } from './sealing.js';

/** What an event commits to, and what opens it. */
export interface SealedDraft {
  source: EventSource | null;
  digests: Record<string, string>;
  rows: { keyId: string; boxes: string }[];
  wrappedKey: string | null;
}

type Committable = Pick<EventDraft, 'committed' | 'source' | 'subjectKeys' | 'ownKey'>;

const NONE: Committed = new Map();

/** Commits to the message and to each committed value, and seals the values; null where there is nothing to commit to. */
export function sealDraft(
  { source, committed = NONE, subjectKeys, ownKey }: Committable,
  eventId: string,
  { log, masterKey }: PrepareContext,
): SealedDraft | null {
  if (source === null && committed.size === 0) return null;
  const made = ownKey === undefined ? masterKey.make(eventId) : null;
  const own = ownKey ?? { keyId: eventId, key: made?.key as Buffer };
  const sealed: SealedDraft = {
    source: source === null ? null : committedSource(source, own.key),
    digests: {},
    rows: [],
    wrappedKey: made?.wrapped.toString('base64') ?? null,
  };
  const ofEvent = subjectKeys === undefined ? committed : without(committed, subjectKeys);
  if (ofEvent.size > 0) {
    const { digests, ranges, box } = sealTogether({ log, eventId }, ofEvent, own.key);
    sealed.digests = digests;
    sealed.rows.push({ keyId: own.keyId, boxes: boxesTogether(box, ranges) });
  } else if (own.keyId !== eventId) {
    // The event would not be found by the name of its key.
    sealed.rows.push({ keyId: own.keyId, boxes: NO_VALUES });
  }
  if (subjectKeys !== undefined) sealForSubjects({ log, eventId }, { committed, subjectKeys }, sealed);
  return sealed;
}

function committedSource({ value, ...coordinates }: NonNullable<Committable['source']>, key: Buffer): EventSource {
  const { ceId, ceSource, cluster, offset, partition, topic } = coordinates;
  const commitment = payloadCommitment(derivedSalt(key), value);
  return { ceId, ceSource, cluster, offset, partition, payloadCommitment: commitment, topic };
}

function without(committed: Committed, others: ReadonlyMap<string, unknown>): Committed {
  return new Map([...committed].filter(([pointer]) => !others.has(pointer)));
}

/** Values of data subjects: a box each, because a key of theirs opens boxes in many events. */
function sealForSubjects(
  place: { log: string; eventId: string },
  { committed, subjectKeys }: Required<Pick<Committable, 'committed' | 'subjectKeys'>>,
  sealed: SealedDraft,
): void {
  const boxesByKey = new Map<string, Record<string, string>>();
  for (const [pointer, { keyId, key }] of subjectKeys) {
    if (!committed.has(pointer)) continue;
    const { digest, box } = sealValue({ ...place, pointer }, committed.get(pointer), key);
    sealed.digests[pointer] = digest;
    boxesByKey.set(keyId, { ...boxesByKey.get(keyId), [pointer]: box });
  }
  for (const [keyId, boxes] of boxesByKey) sealed.rows.push({ keyId, boxes: JSON.stringify(boxes) });
}
