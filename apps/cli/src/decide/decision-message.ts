import { decodeMessage, type Problem, TOPICS, TYPES, typeAllowedOn, validateData } from '#app/contract';
import { uuidV7 } from '#app/log';
import { messageOf } from '../publishing/cloud-event.js';

const HEADERS = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };

/** A decision as it will be sent, or why it cannot be. */
export type DecisionMessage =
  | { kind: 'message'; id: string; source: string; key: string; value: Buffer }
  | { kind: 'invalid'; problems: Problem[] };

/**
 * Checks a decision as ingest will check the message: bytes, envelope and data. A CloudEvent keeps its bytes, and with
 * them its id: sent again it is the same decision. Plain data get an id of their own.
 */
export function decisionMessage(bytes: Buffer, source: string): DecisionMessage {
  const value = bytes.includes('"specversion"') ? bytes : enveloped(bytes, source);
  const decoded = decodeMessage({ key: null, value, headers: HEADERS });
  if (decoded.kind === 'unreadable') return { kind: 'invalid', problems: decoded.problems };
  const { id, source: ceSource, type } = decoded.cloudEvent;
  if (!typeAllowedOn(TOPICS.DECISIONS, type)) {
    const detail = `${TOPICS.DECISIONS} carries ${TYPES.DECISION} only`;
    return { kind: 'invalid', problems: [{ pointer: '/type', code: 'TYPE_NOT_ALLOWED_ON_TOPIC', detail }] };
  }
  const problems = validateData(type, decoded.data);
  if (problems.length > 0) return { kind: 'invalid', problems };
  const { key } = messageOf({ id, source: ceSource, type, data: decoded.data });
  return { kind: 'message', id, source: ceSource, key, value };
}

/** Around the bytes as they are: the decoder says what is wrong with them, duplicate members included. */
function enveloped(bytes: Buffer, source: string): Buffer {
  const event = { specversion: '1.0', id: uuidV7(), source, type: TYPES.DECISION, datacontenttype: 'application/json' };
  return Buffer.concat([Buffer.from(`${JSON.stringify(event).slice(0, -1)},"data":`), bytes, Buffer.from('}')]);
}
