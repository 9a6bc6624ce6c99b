import { Problem } from '#app/http-edge';
import { hasPlacedAll } from '#app/read-models';
import type { EntityManager } from 'typeorm';
import type { Pinned } from './pin.js';

/** The earliest position at which all was found placed, by the event of the activation: what follows is placed in its own events. */
const placedFrom = new Map<string, number>();

/**
 * Refuses a boundary set that has not yet placed what was recorded before it: its figures would be too low, and nothing in them
 * would say so.
 */
export async function assertPlaced(
  tx: EntityManager,
  { asOf, boundary, activation, isImmutable }: Pick<Pinned, 'asOf' | 'boundary' | 'activation' | 'isImmutable'>,
): Promise<void> {
  if (activation === null) return;
  const from = placedFrom.get(activation.eventId);
  if (from !== undefined && from <= asOf.position) return;
  if (await hasPlacedAll(tx, asOf, activation)) {
    placedFrom.set(activation.eventId, asOf.position);
    return;
  }
  const detail = `as of position ${asOf.position}, ${boundary} has not placed all that was recorded before its activation at ${activation.position}`;
  // A state of the past does not change by waiting.
  throw isImmutable
    ? new Problem('UNKNOWN_BOUNDARY', detail, { errors: [{ parameter: 'boundary', code: 'UNKNOWN_BOUNDARY', detail }] })
    : new Problem('BOUNDARY_SET_PLACING', detail, { headers: { 'retry-after': '2' } });
}
