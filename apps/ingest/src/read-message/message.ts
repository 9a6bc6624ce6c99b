import type { RawMessage } from '#app/log';

/** Where a message was read. An event keeps these for ever, a requeued message its first ones. */
export interface Coordinates {
  cursorId: number;
  cluster: string;
  topic: string;
  partition: number;
  offset: number;
}

/** A message as it came, with its way here. */
export interface Message {
  at: Coordinates;
  raw: RawMessage;
  /** Milliseconds since 1970, as the broker stored it; null when a requeue brings the message back. */
  timestamp: number | null;
  /** The event that made us process it: that of the requeue decision; null for what Kafka just brought. */
  causationId: string | null;
}
