import { BOUNDARY_SET } from '#app/geography';
import { Problem } from '#app/http-edge';
import { type AsOf, type AsOfRequest, parseAsOf, resolveAsOf } from '#app/read-models';
import type { EntityManager } from 'typeorm';
import type { AsOfDto, AsOfParameters } from './as-of.dto.js';

/** The state that an answer is read at. */
export interface Pinned {
  asOf: AsOf;
  boundary: string;
  /** The reader named the state, and a later event exists: the answer never changes. */
  isImmutable: boolean;
}

/**
 * Pins the position of an answer; the first thing done in its transaction.
 *
 * @param position of a cursor, which wins over `asOf`
 */
export async function pin(tx: EntityManager, asked: AsOfParameters, position?: number): Promise<Pinned> {
  const boundary = asked.boundary ?? BOUNDARY_SET;
  if (boundary !== BOUNDARY_SET) {
    throw new Problem('UNKNOWN_BOUNDARY', `boundary ${boundary} is not known`, { members: { known: [BOUNDARY_SET] } });
  }
  const request: AsOfRequest | null =
    position === undefined ? withinCalendar(parseAsOf(asked.asOf)) : { kind: 'position', position };
  if (request === null) {
    throw Problem.invalidParameter(
      'asOf',
      'must be a position, a time like 2018-11-09T06:00:00Z or a date like 2018-11-09',
    );
  }
  const result = await resolveAsOf(tx, request);
  if (result.kind === 'empty') {
    throw new Problem('NOT_READY', 'no event is projected yet', { headers: { 'retry-after': '2' } });
  }
  if (result.kind === 'out of range') {
    if (position !== undefined)
      throw new Problem('BAD_CURSOR', 'the cursor cannot be used: it is damaged; start again without it');
    throw new Problem('AS_OF_OUT_OF_RANGE', `asOf: ${result.detail}`, {
      errors: [{ parameter: 'asOf', code: 'OUT_OF_RANGE', detail: result.detail }],
    });
  }
  const { asOf } = result;
  return { asOf, boundary, isImmutable: request.kind !== 'head' && asOf.isSettled };
}

export function asOfDto({ asOf, boundary }: Pinned): AsOfDto {
  const { position, recordedAt, treeSize, projection, policy } = asOf;
  return { position, recordedAt, treeSize, projection, policy, boundary };
}

const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** An offset can lead a moment of the first or last year out of the years that PostgreSQL reads in ISO 8601. */
function withinCalendar(request: AsOfRequest | null): AsOfRequest | null {
  if (request?.kind !== 'moment') return request;
  return { kind: 'moment', ms: Math.min(Math.max(request.ms, FIRST_MS), LAST_MS) };
}
