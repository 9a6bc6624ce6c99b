import { eventTypeOf } from '#app/contract';
import type { OutgoingMessage } from '#app/kafka';
import type { Leaf } from '#app/log';

/** The correlation of a message that came with a W3C trace context is that context. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/u;

/**
 * A recorded event as a CloudEvent 1.0 in binary mode (contract §2).
 *
 * The value is the leaf byte for byte as it was recorded and hashed, so that a receiver can check it against the log; the
 * key is its stream, so one stream's events keep their order. `position` is a String: CloudEvents integers have 32 bits.
 * @param leaf the parsed one; @param recorded the verbatim one, its type as recorded, and the `source` of the log's events
 */
export function cloudEventOf(leaf: Leaf, recorded: { text: string; type: string; source: string }): OutgoingMessage {
  const { correlationId, causationId } = leaf;
  return {
    key: leaf.stream,
    value: recorded.text,
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: leaf.id,
      ce_source: recorded.source,
      ce_type: eventTypeOf(recorded.type),
      ce_time: leaf.recordedAt,
      ce_subject: leaf.stream,
      ce_log: leaf.log,
      ce_position: String(leaf.position),
      ce_streamversion: String(leaf.streamVersion),
      ce_correlationid: correlationId,
      ...(causationId === null ? {} : { ce_causationid: causationId }),
      ...(TRACEPARENT.test(correlationId) ? { ce_traceparent: correlationId } : {}),
    },
  };
}
