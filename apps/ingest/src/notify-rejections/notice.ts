import type { OutgoingMessage } from '#app/kafka';

/** A recorded rejection, as the notice tells it. */
export interface RejectionToTell {
  position: number;
  eventId: string;
  rejection: string;
  stage: string;
  code: string;
  problems: { pointer: string; code: string; detail: string }[];
  ceSource: string | null;
  ceId: string | null;
  topic: string;
  partition: number;
  offset: number;
  /** When the broker got the message; null when unknown. */
  timestamp: Date | null;
}

/** Integers as Kafka's own tools and Spring write them: big endian. */
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

/**
 * The notice of a rejection for `conflict.reports.v1.rejected`: the dead-letter headers that Spring and others know,
 * code and problems in the value, nothing of the body. Keyed by the rejection, so a repeated notice is recognised.
 */
export function noticeOf(told: RejectionToTell): OutgoingMessage {
  const { rejection, position, eventId, stage, code, problems, ceSource, ceId } = told;
  return {
    key: rejection,
    value: JSON.stringify({ rejection, position, event: eventId, stage, code, problems, source: ceSource, id: ceId }),
    headers: {
      'content-type': 'application/json',
      'kafka_dlt-original-topic': told.topic,
      'kafka_dlt-original-partition': int32(told.partition),
      'kafka_dlt-original-offset': int64(told.offset),
      ...(told.timestamp === null ? {} : { 'kafka_dlt-original-timestamp': int64(told.timestamp.getTime()) }),
      'kafka_dlt-exception-message': code,
      'ledger-rejection-code': code,
      'ledger-rejection-id': rejection,
    },
  };
}
