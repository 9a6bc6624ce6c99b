import { eraseKeys, eraseValues, type PersonalDataErasedData, splitReason } from '#app/log';
import type { ClientBase } from 'pg';
import type { IngestContext } from '../ingest-context.js';
import type { KeyedDecision } from '../record-batch/keyed.js';
import { type CarriedOut, DecisionRefused, refuseStale } from './decide-decision.js';
import { envelopeOf } from './draft-incident-event.js';
import { findTargets, pointersUnder } from './erasure-targets.js';
import { findRejection } from './resolve-rejection.js';

interface TouchedStream {
  stream: string;
  streamVersion: number;
}

/** Deletes keys; the tree, the proofs and the figures stay. @throws DecisionRefused */
export async function erase(tx: ClientBase, one: KeyedDecision, context: IngestContext): Promise<CarriedOut> {
  const { rejection } = one.reading.data;
  return typeof rejection === 'string' ? eraseRejection(tx, one, context) : eraseReports(tx, one, context);
}

async function eraseRejection(tx: ClientBase, one: KeyedDecision, context: IngestContext): Promise<CarriedOut> {
  const { rejection, eventId, version } = await findRejection(tx, one, context);
  if ((await eraseKeys(tx, [rejection])) === 0) throw nothingToErase();
  const { rows } = await tx.query<{ position: number }>(
    `SELECT e.position FROM ledger.event_stream s JOIN ledger.event e ON e.log_id = s.log_id AND e.position = s.position
      WHERE s.log_id = $1 AND s.stream_id = $2 AND s.stream_version = 1 AND e.event_id = $3`,
    [context.logId, rejection, eventId],
  );
  const erased = rows.map(({ position }) => ({ position, pointers: [''] }));
  const authority = one.reading.data.authority ?? '';
  return erasure(one, { erased, rejection, authority }, [{ stream: rejection, streamVersion: version + 1 }]);
}

async function eraseReports(tx: ClientBase, one: KeyedDecision, context: IngestContext): Promise<CarriedOut> {
  const { data } = one.reading;
  const targets = await findTargets(tx, context.logId, data);
  const named = targets[0]?.stream ?? '';
  // Before anything is deleted: a refused decision must leave nothing behind.
  const [before] = await nextVersions(tx, context.logId, { positions: [], first: named });
  refuseStale(data, (before?.streamVersion ?? 1) - 1);
  const eventIds = targets.map(({ eventId }) => eventId);
  const erasures = await pointersUnder(tx, eventIds, data.paths ?? []);
  const erased = erasures.length === 0 ? [] : await eraseValues(tx, context.masterKey, erasures);
  if (erased.length === 0) throw nothingToErase();
  const positions = erased.map(({ position }) => position);
  const streams = await nextVersions(tx, context.logId, { positions, first: named });
  const what = erased.map(({ position, pointers }) => ({ position, pointers }));
  return erasure(one, { erased: what, authority: data.authority ?? '' }, streams);
}

/** The streams of the erased events, the named one first, each with the version that it gets now. */
async function nextVersions(
  tx: ClientBase,
  logId: number,
  { positions, first }: { positions: readonly number[]; first: string },
): Promise<TouchedStream[]> {
  const { rows } = await tx.query<TouchedStream>(
    `SELECT t.stream_id AS stream,
            (SELECT max(s.stream_version) + 1 FROM ledger.event_stream s
              WHERE s.log_id = $1 AND s.stream_id = t.stream_id) AS "streamVersion"
       FROM (SELECT DISTINCT stream_id FROM ledger.event WHERE log_id = $1 AND position = ANY ($2::bigint[])
              UNION SELECT $3::uuid) t`,
    [logId, positions, first],
  );
  return rows.toSorted((a, b) => Number(b.stream === first) - Number(a.stream === first));
}

function erasure(
  { reading, delivery }: KeyedDecision,
  data: PersonalDataErasedData,
  [named, ...also]: TouchedStream[],
): CarriedOut {
  const { committed } = splitReason(reading.data);
  if (named === undefined) throw nothingToErase();
  const draft = {
    ...envelopeOf(reading),
    type: 'PersonalDataErased' as const,
    data,
    ...named,
    ...(also.length === 0 ? {} : { also }),
    actor: `steward:${reading.data.by}`,
    committed,
    delivery,
  };
  return {
    event: { draft, message: reading.message, subjects: new Map(), refused: null },
    resolution: null,
    again: null,
  };
}

function nothingToErase(): DecisionRefused {
  return new DecisionRefused('NOTHING_TO_ERASE', '/paths', 'no erasable value is there, or it was erased before');
}
