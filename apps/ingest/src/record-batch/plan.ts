import type { Decided, EventDraft, WrittenEvent } from '#app/log';
import type { Coordinates, Message } from '../read-message/message.js';
import type { RefusedReading } from '../read-message/read-message.js';

/** An event to append: written already but for what was decided of it, or still to be sealed and written. */
export type PlannedEvent = WrittenAlready | DraftedEvent;

export interface WrittenAlready {
  written: WrittenEvent;
  decided: Decided;
  message: Message;
}

/** A draft, with whose keys its committed values are sealed. */
export interface DraftedEvent {
  draft: EventDraft & { id: string };
  message: Message;
  /** Pointer → data subject's name in the vault, for values that have a key of their own. */
  subjects: ReadonlyMap<string, string>;
  refused: { reading: RefusedReading; rejection: string } | null;
}

export interface PlannedResolution {
  rejection: string;
  resolution: 'REQUEUED' | 'DISCARDED';
  eventId: string;
}

/** What one batch becomes; nothing of it is written yet. Events are in the order of the messages. */
export interface Plan {
  events: PlannedEvent[];
  duplicates: { at: Coordinates; identity: string }[];
  resolutions: PlannedResolution[];
}

/** Names a message within this process. */
export function coordinatesKey({ cursorId, offset }: Coordinates): string {
  return `${cursorId}/${offset}`;
}

/** A message alone cannot be recorded, whatever is tried: the batch is decided again with it refused. */
export class MessageUnrecordableError extends Error {
  override readonly name = 'MessageUnrecordableError';

  constructor(
    readonly at: Coordinates,
    readonly code: 'LEAF_TOO_LARGE' | 'UNPROCESSABLE',
    cause: unknown,
  ) {
    super(`the message at ${at.topic}/${at.partition}/${at.offset} cannot be recorded: ${code}`, { cause });
  }
}
