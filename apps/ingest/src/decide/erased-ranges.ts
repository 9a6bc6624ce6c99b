import type { PersonalDataErasedData } from '#app/log';

/** One event that lost values: its pointers, sorted. */
export interface ErasedEvent {
  position: number;
  stream: string;
  pointers: readonly string[];
}

/** Half of what a leaf may hold, so that the rest of the envelope has room whatever it is. */
const BYTES_MAX = 30_000;
/** Upper limits of what one event adds: `{"pointers":…,"positions":[[from,to]]},` and `{"stream":…,"streamVersion":…},`. */
const ENTRY_BYTES = 80;
const STREAM_BYTES = 85;

/** Writes each set of pointers once, and neighbouring positions as one range. */
export function inRanges(events: readonly ErasedEvent[]): PersonalDataErasedData['erased'] {
  const sets = new Map<string, PersonalDataErasedData['erased'][number]>();
  for (const { position, pointers } of events.toSorted((a, b) => a.position - b.position)) {
    const name = JSON.stringify(pointers);
    let set = sets.get(name);
    if (set === undefined) sets.set(name, (set = { pointers: [...pointers], positions: [] }));
    const last = set.positions.at(-1);
    if (last?.[1] === position - 1) last[1] = position;
    else set.positions.push([position, position]);
  }
  return [...sets.values()];
}

/** Divides what one decision erased so that each part fits a leaf with its streams, however much it was. In order. */
export function inParts(events: readonly ErasedEvent[]): ErasedEvent[][] {
  const parts: ErasedEvent[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  let streams = new Set<string>();
  let sets = new Set<string>();
  let next: number | null = null;
  for (const event of events.toSorted((a, b) => a.position - b.position)) {
    const name = JSON.stringify(event.pointers);
    const cost = (): number =>
      (streams.has(event.stream) ? 0 : STREAM_BYTES) +
      (sets.has(name) ? 0 : Buffer.byteLength(name)) +
      (sets.has(name) && event.position === next ? 0 : ENTRY_BYTES);
    if (bytes + cost() > BYTES_MAX) {
      [bytes, streams, sets] = [0, new Set(), new Set()];
      parts.push([]);
    }
    bytes += cost();
    streams.add(event.stream);
    sets.add(name);
    next = event.position + 1;
    parts.at(-1)?.push(event);
  }
  return parts;
}
