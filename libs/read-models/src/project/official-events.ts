import {
  figureNameOf,
  INCIDENT_NAMESPACE,
  isTakenBack,
  laterPublished,
  type PublicAggregate,
  type PublishedWhen,
  reopens,
  replaces,
} from '#app/domain';
import { canonicalize, parseLeaf, type RecordedEvent, uuidV5 } from '#app/log';
import type { Batch, EventHandler } from './event-handler.js';
import type { ProjectionEvent } from './projection-event.js';
import type { RecordKind } from '../rows.js';
import type { StandingRecord } from './record-states.js';

/**
 * Published figures, assertions and stocks as rows of `record`: separate ledgers, which no posting ever comes from (domain
 * rule 6). What is recorded after something newer never stands, and has a row of no length: it is what had been published
 * by a moment before the newer one was.
 */
type Recorded<T extends RecordedEvent['type']> = Extract<RecordedEvent, { type: T }>;
type OfficialEvent = Recorded<
  'AggregatePublished' | 'AggregateWithdrawn' | 'TrendAsserted' | 'TrendWithdrawn' | 'SiteRecorded' | 'SiteWithdrawn'
>;
type Kind = 'AGGREGATE' | 'TREND' | 'SITE';

function handlerOf(type: OfficialEvent['type']): EventHandler {
  return {
    needs: ({ stream }) => ({ records: [stream] }),
    fold: (event, batch) => {
      const recorded = parseLeaf(event.leaf);
      if (recorded.type !== type) throw new Error(`${recorded.type} is not ${type}`);
      fold(recorded, event, batch);
    },
  };
}

export const officialEvents = {
  AggregatePublished: handlerOf('AggregatePublished'),
  AggregateWithdrawn: handlerOf('AggregateWithdrawn'),
  TrendAsserted: handlerOf('TrendAsserted'),
  TrendWithdrawn: handlerOf('TrendWithdrawn'),
  SiteRecorded: handlerOf('SiteRecorded'),
  SiteWithdrawn: handlerOf('SiteWithdrawn'),
} as const satisfies Record<OfficialEvent['type'], EventHandler>;

function fold(recorded: OfficialEvent, event: ProjectionEvent, batch: Batch): void {
  switch (recorded.type) {
    case 'AggregatePublished': {
      const { aggregate } = recorded.data;
      return publish('AGGREGATE', { key: aggregateKey(sourceOf(recorded), aggregate), body: aggregate }, recorded, {
        event,
        batch,
      });
    }
    case 'TrendAsserted':
      return publish('TREND', { key: event.stream, body: recorded.data.trend }, recorded, { event, batch });
    case 'SiteRecorded':
      return publish('SITE', { key: event.stream, body: recorded.data.site }, recorded, { event, batch });
    case 'AggregateWithdrawn':
      return withdraw('AGGREGATE', recorded, { event, batch }, ({ body }) =>
        isTakenBack(JSON.parse(body) as PublicAggregate, recorded.data),
      );
    case 'TrendWithdrawn':
      return withdraw('TREND', recorded, { event, batch });
    case 'SiteWithdrawn':
      return withdraw('SITE', recorded, { event, batch });
  }
}

/** One published figure of a source (docs/official-figures.md). */
function aggregateKey(source: string, aggregate: PublicAggregate): string {
  return uuidV5(INCIDENT_NAMESPACE, canonicalize([source, 'aggregate', ...figureNameOf(aggregate)]));
}

function publish(
  kind: Kind,
  { key, body }: { key: string; body: { publishedAt?: string | null } },
  recorded: OfficialEvent,
  { event, batch }: { event: ProjectionEvent; batch: Batch },
): void {
  const { position, stream } = event;
  const candidate = { publishedAt: body.publishedAt ?? null, position };
  const named = (of: RecordKind): StandingRecord | undefined =>
    batch.records.standing(stream).find((record) => record.kind === of && record.key === key);
  const [before, withdrawn] = [named(kind), named(WITHDRAWN[kind])];
  // Of what was taken back nothing counts again, not even as what had been published by an earlier moment.
  if (withdrawn !== undefined && !reopens(candidate, publishedWhen(withdrawn))) return;
  const { id: eventId, actor } = recorded;
  const row = { kind, key, stream, eventId, source: sourceOf(recorded), actor, body: JSON.stringify(body) };
  if (replaces(candidate, before && publishedWhen(before))) batch.records.put(row, position);
  else batch.records.mention(row, position);
}

/**
 * Ends what stands, and keeps for good when it was published: what is no newer never counts again. What was withdrawn before
 * holds on: where what stood since has no date, or an earlier one, it does not come back by that.
 */
function withdraw(
  kind: Kind,
  recorded: OfficialEvent,
  { event, batch }: { event: ProjectionEvent; batch: Batch },
  isMeant: (record: StandingRecord) => boolean = () => true,
): void {
  const { position, stream } = event;
  const { id: eventId, actor } = recorded;
  const all = batch.records.standing(stream);
  for (const record of all.filter((one) => one.kind === kind && isMeant(one))) {
    batch.records.close(record, position);
    const { key } = record;
    const before = all.find((one) => one.kind === WITHDRAWN[kind] && one.key === key);
    const { publishedAt } = publishedWhen(record);
    const body = JSON.stringify({
      publishedAt: laterPublished(publishedAt, before === undefined ? null : publishedWhen(before).publishedAt),
    });
    batch.records.put(
      { kind: WITHDRAWN[kind], key, stream, eventId, source: sourceOf(recorded), actor, body },
      position,
    );
  }
}

const WITHDRAWN = {
  AGGREGATE: 'WITHDRAWN_AGGREGATE',
  TREND: 'WITHDRAWN_TREND',
  SITE: 'WITHDRAWN_SITE',
} as const satisfies Record<Kind, RecordKind>;

function publishedWhen({ body, from: position }: StandingRecord): PublishedWhen {
  const { publishedAt = null } = JSON.parse(body) as { publishedAt?: string | null };
  return { publishedAt, position };
}

function sourceOf({ source, type }: OfficialEvent): string {
  if (source === null) throw new Error(`${type} has no source`);
  return source.ceSource;
}
