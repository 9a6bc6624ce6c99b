import { eraseKeys, eraseValues, splitReason } from '#app/log';
import type { ClientBase } from 'pg';
import type { IngestContext } from '../ingest-context.js';
import type { KeyedDecision } from '../record-batch/keyed.js';
import type { DraftedEvent } from '../record-batch/plan.js';
import { type CarriedOut, DecisionRefused, refuseStale } from './carried-out.js';
import { envelopeOf } from './draft-incident-event.js';
import { type ErasedEvent, inParts, inRanges } from './erased-ranges.js';
import { findTargets, pointersUnder, positionsIn, versionsOf } from './erasure-targets.js';
import { rejectionsOfSameMessages } from './same-message-rejections.js';
import { findRejection } from './resolve-rejection.js';

/** Deletes keys; the tree, the proofs and the figures stay. @throws DecisionRefused */
export async function erase(tx: ClientBase, one: KeyedDecision, context: IngestContext): Promise<CarriedOut> {
  const { rejection } = one.reading.data;
  return typeof rejection === 'string' ? eraseRejection(tx, one, context) : eraseReports(tx, one, context);
}

async function eraseRejection(tx: ClientBase, one: KeyedDecision, context: IngestContext): Promise<CarriedOut> {
  const { rejection, eventId } = await findRejection(tx, one, context);
  if ((await eraseKeys(tx, [rejection])) === 0) throw nothingToErase();
  const [refused] = await positionsIn(tx, context.logId, [eventId]);
  if (refused === undefined) throw nothingToErase();
  const erased = [{ position: refused.position, stream: rejection, pointers: [''] }];
  return erasure(one, erased, {
    named: rejection,
    rejection,
    versions: await versionsOf(tx, context.logId, [rejection]),
  });
}

async function eraseReports(tx: ClientBase, one: KeyedDecision, context: IngestContext): Promise<CarriedOut> {
  const { logId, masterKey } = context;
  const { data } = one.reading;
  const targets = await findTargets(tx, logId, data);
  const named = targets[0]?.stream ?? '';
  // Before anything is deleted: a refused decision must leave nothing behind.
  refuseStale(data, (await versionsOf(tx, logId, [named])).get(named) ?? 0);
  const eventIds = targets.map(({ eventId }) => eventId);
  const meant = await pointersUnder(tx, eventIds, data.paths ?? []);
  const values = meant.length === 0 ? [] : await eraseValues(tx, masterKey, meant);
  // A data subject's key takes values of other events along; the bytes of those, if they were refused once, go too.
  const touched = [...meant, ...values].map(({ eventId }) => eventId);
  const bytes = await rejectionsOfSameMessages(tx, logId, touched);
  await eraseKeys(
    tx,
    bytes.map(({ stream }) => stream),
  );
  const places = await positionsIn(
    tx,
    logId,
    values.map(({ eventId }) => eventId),
  );
  const pointers = new Map(values.map((value) => [value.eventId, value.pointers]));
  const erased = [
    ...places.map(({ eventId, position, stream }) => ({ position, stream, pointers: pointers.get(eventId) ?? [] })),
    ...bytes.map(({ position, stream }) => ({ position, stream, pointers: [''] })),
  ];
  if (erased.length === 0) throw nothingToErase();
  const streams = [named, ...erased.map(({ stream }) => stream)];
  return erasure(one, erased, { named, versions: await versionsOf(tx, logId, streams) });
}

/** One event, or several where one leaf cannot tell it all: the first is the decision's, which causes the others. */
function erasure(
  { reading, delivery }: KeyedDecision,
  erased: readonly ErasedEvent[],
  { named, rejection, versions }: { named: string; rejection?: string; versions: Map<string, number> },
): CarriedOut {
  const { committed } = splitReason(reading.data);
  const first = { ...envelopeOf(reading), committed, delivery };
  const events = inParts(erased).map((part, index): DraftedEvent => {
    const own = index === 0 ? first : { ...envelopeOf(reading), causationId: first.id };
    const touched = new Set(index === 0 ? [named] : []);
    for (const { stream } of part) touched.add(stream);
    const [stream, ...also] = [...touched].map((id) => {
      const streamVersion = (versions.get(id) ?? 0) + 1;
      versions.set(id, streamVersion);
      return { stream: id, streamVersion };
    }) as [TouchedStream, ...TouchedStream[]];
    const draft = {
      ...own,
      correlationId: first.correlationId,
      type: 'PersonalDataErased' as const,
      data: {
        erased: inRanges(part),
        ...(rejection === undefined ? {} : { rejection }),
        authority: reading.data.authority ?? '',
      },
      ...stream,
      ...(also.length === 0 ? {} : { also }),
      actor: `steward:${reading.data.by}`,
    };
    return { draft, message: reading.message, subjects: new Map(), refused: null };
  });
  return { events, resolution: null, again: null };
}

interface TouchedStream {
  stream: string;
  streamVersion: number;
}

function nothingToErase(): DecisionRefused {
  return new DecisionRefused('NOTHING_TO_ERASE', '/paths', 'no erasable value is there, or it was erased before');
}
