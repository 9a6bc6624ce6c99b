import { type DecisionV1, TYPES } from '#app/contract';
import type { OutgoingMessage } from '#app/kafka';
import { identityOf, type SealedSnapshot } from '#app/log';
import { DIGEST_ALGORITHM, type TableDigests } from '#app/read-models';

/** CloudEvents source of what the projector decides; the decisions topic must be allowed to carry it. */
const PROJECTOR_SOURCE = 'urn:conflict-ledger:projector';

export interface DigestDecision {
  id: string;
  /** Under which ingest knows the message, recorded or refused. */
  identity: string;
  message: OutgoingMessage;
}

/**
 * The decision that records what the figures were at a snapshot. The same snapshot and the same figures give the same
 * message to the byte, whoever makes it and however often: it counts once.
 */
export function digestDecision(
  { name, position, eventId }: SealedSnapshot,
  { projection, tables }: { projection: number; tables: TableDigests },
): DigestDecision {
  const id = `snapshot-digests/${eventId}/${projection}`;
  const data: DecisionV1 = {
    kind: 'SEAL_SNAPSHOT',
    name,
    reason: 'digests of the figures at the snapshot',
    by: 'projector',
    digests: { position, projection, algorithm: DIGEST_ALGORITHM, tables },
  };
  const event = {
    specversion: '1.0',
    id,
    source: PROJECTOR_SOURCE,
    type: TYPES.DECISION,
    datacontenttype: 'application/json',
    data,
  };
  return {
    id,
    identity: identityOf(PROJECTOR_SOURCE, id),
    message: {
      key: `${PROJECTOR_SOURCE}|`,
      value: JSON.stringify(event),
      headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8' },
    },
  };
}
