import { EVENT_TYPES } from '#app/domain';
import { ENVELOPE_VERSION, type Leaf, type RecordedEvent } from './envelope.js';
import { UnreadableLeafError } from './errors.js';

/** Turns a leaf of an old shape into the next newer shape of its type. */
export type Upcaster = (leaf: Leaf) => Leaf;

/**
 * By recorded type. When the shape of `data` changes, the new type gets the suffix `.v2` in what is written and the old
 * one an entry here; the frozen corpus (test/guarantees) shows that every shape ever written still loads.
 */
const UPCASTERS: ReadonlyMap<string, Upcaster> = new Map();
const KNOWN_TYPES: ReadonlySet<string> = new Set(EVENT_TYPES);

/** Whether leaves of this type hold the newest shape as they are: then a part of one can be read by itself. */
export function isNewestShape(type: string): boolean {
  return KNOWN_TYPES.has(type) && !UPCASTERS.has(type);
}

/**
 * Reads a leaf as the newest shape of its event.
 *
 * @throws UnreadableLeafError for another envelope or a type that this version does not know
 */
export function parseLeaf(text: string, upcasters = UPCASTERS): RecordedEvent {
  let leaf: Leaf;
  try {
    leaf = JSON.parse(text) as Leaf;
  } catch (cause) {
    throw new UnreadableLeafError('not a leaf: not JSON', { cause });
  }
  if (leaf?.v !== ENVELOPE_VERSION) {
    throw new UnreadableLeafError(`event ${leaf?.position} has envelope version ${leaf?.v}, not ${ENVELOPE_VERSION}`);
  }
  for (let upcast = upcasters.get(leaf.type); upcast !== undefined; upcast = upcasters.get(leaf.type)) {
    leaf = upcast(leaf);
  }
  if (!KNOWN_TYPES.has(leaf.type)) {
    throw new UnreadableLeafError(`event ${leaf.position} has the type ${leaf.type}, unknown to this version`);
  }
  return leaf as RecordedEvent;
}
