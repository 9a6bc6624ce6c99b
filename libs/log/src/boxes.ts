import { derivedSalt, open, type Range, WHOLE_MESSAGE } from './sealing.js';

/**
 * What a row of ledger.sealed holds: pointer → its box; or, where the values of an event lie in one box, pointer → range in
 * it, and under "" that box. There the salt of the payload commitment is in no box: it follows from the event's own key.
 * An event of that kind without values has no row at all, only its key (docs/adr/0017).
 */
type Boxes = Record<string, string | Range | Together>;
interface Together {
  box?: string;
}

export interface BoxesRow {
  log: string;
  event_id: string;
  /** JSON text of Boxes. */
  boxes: string;
}

/** The `boxes` that an event has whose key is all there is. */
export const NO_VALUES = JSON.stringify({ [WHOLE_MESSAGE]: {} } satisfies Boxes);

/** The `boxes` of values that lie in one box. */
export function boxesTogether(box: string, ranges: Readonly<Record<string, Range>>): string {
  return JSON.stringify({ [WHOLE_MESSAGE]: { box }, ...ranges } satisfies Boxes);
}

/** What is sealed in a row; "" stands for the salt of the payload commitment. */
export function pointersOf({ boxes }: Pick<BoxesRow, 'boxes'>): string[] {
  return Object.keys(JSON.parse(boxes) as Boxes);
}

/**
 * Opens a row: per pointer what was hashed, salt16 ‖ JCS([pointer, value]), for "" the salt alone; undefined for what is not
 * sealed here. A box that holds several values is decrypted once.
 *
 * The function throws SealBrokenError.
 */
export function openerOf(
  { log, event_id: eventId, boxes: text }: BoxesRow,
  key: Buffer,
): (pointer: string) => Buffer | undefined {
  const boxes = JSON.parse(text) as Boxes;
  const decrypt = (pointer: string, box: string): Buffer =>
    open({ log, eventId, pointer }, Buffer.from(box, 'base64url'), key);
  let together: Buffer | undefined;
  return (pointer) => {
    const sealed = Object.hasOwn(boxes, pointer) ? boxes[pointer] : undefined;
    if (sealed === undefined) return undefined;
    if (typeof sealed === 'string') return decrypt(pointer, sealed);
    if (!Array.isArray(sealed)) return derivedSalt(key);
    together ??= decrypt(WHOLE_MESSAGE, (boxes[WHOLE_MESSAGE] as Together).box as string);
    return together.subarray(...sealed);
  };
}
