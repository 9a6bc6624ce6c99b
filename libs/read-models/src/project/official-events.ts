import { figureNameOf, INCIDENT_NAMESPACE, isTakenBack, type PublicAggregate, replaces } from '#app/domain';
import { canonicalize, parseLeaf, type RecordedEvent, uuidV5 } from '#app/log';
import type { Batch, EventHandler } from './event-handler.js';
import type { ProjectionEvent } from './projection-event.js';
import type { StandingRecord } from './record-states.js';

/**
 * Published figures, assertions and stocks as rows of `record`: separate ledgers, which no posting ever comes from (domain
 * rule 6). What is published late, or again with an older date, is recorded and changes no row.
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
      for (const record of standing('AGGREGATE', event, batch)) {
        if (isTakenBack(JSON.parse(record.body) as PublicAggregate, recorded.data))
          batch.records.close(record, event.position);
      }
      return;
    case 'TrendWithdrawn':
      return closeAll('TREND', event, batch);
    case 'SiteWithdrawn':
      return closeAll('SITE', event, batch);
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
  const before = batch.records.standing(stream).find((record) => record.kind === kind && record.key === key);
  const stands = before && { publishedAt: publishedAtOf(before), position: before.from };
  if (!replaces({ publishedAt: body.publishedAt ?? null, position }, stands)) return;
  const { id: eventId, actor } = recorded;
  const row = { kind, key, stream, eventId, source: sourceOf(recorded), actor, body: JSON.stringify(body) };
  batch.records.put(row, position);
}

function closeAll(kind: Kind, event: ProjectionEvent, batch: Batch): void {
  for (const record of standing(kind, event, batch)) batch.records.close(record, event.position);
}

function standing(kind: Kind, { stream }: ProjectionEvent, batch: Batch): StandingRecord[] {
  return batch.records.standing(stream).filter((record) => record.kind === kind);
}

function publishedAtOf({ body }: StandingRecord): string | null {
  return (JSON.parse(body) as { publishedAt?: string | null }).publishedAt ?? null;
}

function sourceOf({ source, type }: OfficialEvent): string {
  if (source === null) throw new Error(`${type} has no source`);
  return source.ceSource;
}
