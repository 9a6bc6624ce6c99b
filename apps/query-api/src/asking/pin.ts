import { BOUNDARY_SET, type BoundarySet, isoSet } from '#app/geography';
import { Problem } from '#app/http-edge';
import {
  type ActiveBoundarySet,
  AS_OF_FORMS,
  type AsOf,
  type AsOfRequest,
  parseAsOf,
  readBoundarySets,
  resolveAsOf,
} from '#app/read-models';
import type { EntityManager } from 'typeorm';
import { defaultBoundary } from '../database/read-database.js';
import { readSet } from '../regions/gazetteer.js';
import type { AsOfDto, AsOfParameters } from './as-of.dto.js';

/** The state that an answer is read at. */
export interface Pinned {
  asOf: AsOf;
  boundary: string;
  /** The areas of the boundary set, as it was activated last by then. */
  set: BoundarySet;
  /** What activated it; null for the built-in set. */
  activation: ActiveBoundarySet | null;
  /** Every boundary set that was active by then, by name. */
  boundarySets: readonly string[];
  /** The reader named the state, and a later event exists: the answer never changes. */
  isImmutable: boolean;
}

/**
 * Pins the position of an answer; the first thing done in its transaction.
 *
 * @param position of a cursor, which wins over `asOf`
 * @param parameter as the reader calls it
 */
export async function pin(
  tx: EntityManager,
  asked: AsOfParameters,
  position?: number,
  parameter = 'asOf',
): Promise<Pinned> {
  const request: AsOfRequest | null = position === undefined ? parseAsOf(asked.asOf) : { kind: 'position', position };
  if (request === null) throw Problem.invalidParameter(parameter, AS_OF_FORMS);
  const result = await resolveAsOf(tx, request);
  if (result.kind === 'empty') {
    throw new Problem('NOT_READY', 'no event is projected yet', { headers: { 'retry-after': '2' } });
  }
  if (result.kind === 'out of range') {
    if (position !== undefined)
      throw new Problem('BAD_CURSOR', 'the cursor cannot be used: it is damaged; start again without it');
    throw new Problem('AS_OF_OUT_OF_RANGE', `${parameter}: ${result.detail}`, {
      errors: [{ parameter, code: 'OUT_OF_RANGE', detail: result.detail }],
    });
  }
  const { asOf } = result;
  const boundary = asked.boundary ?? (await defaultBoundary(tx));
  return {
    asOf,
    boundary,
    ...(await setOf(tx, boundary, asOf)),
    isImmutable: request.kind !== 'head' && asOf.isSettled,
  };
}

export function asOfDto({ asOf, boundary }: Pinned): AsOfDto {
  const { position, recordedAt, treeSize, projection, policy } = asOf;
  return { position, recordedAt, treeSize, projection, policy, boundary };
}

type Areas = Pick<Pinned, 'set' | 'activation' | 'boundarySets'>;

async function setOf(tx: EntityManager, boundary: string, asOf: AsOf): Promise<Areas> {
  const active = await readBoundarySets(tx, asOf);
  const boundarySets = [...new Set([BOUNDARY_SET, ...active.map(({ name }) => name)])].toSorted();
  if (boundary === BOUNDARY_SET) return { set: isoSet, activation: null, boundarySets };
  const activation = active.find(({ name }) => name === boundary) ?? null;
  const set = activation === null ? null : await readSet(tx, activation);
  if (set !== null) return { set, activation, boundarySets };
  const detail = `boundary ${boundary} is not active as of position ${asOf.position}`;
  throw new Problem('UNKNOWN_BOUNDARY', detail, {
    errors: [{ parameter: 'boundary', code: 'UNKNOWN_BOUNDARY', detail }],
    members: { known: boundarySets },
  });
}
