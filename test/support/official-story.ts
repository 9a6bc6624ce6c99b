import { checkReport, type Aggregate, type Period, type Report, type Site, type Trend } from '#app/domain';
import { placeReport } from '#app/geography';
import {
  type Committed,
  type EventDraft,
  incidentIdOf,
  type PreparedEvent,
  prepareEvent,
  splitAggregate,
  splitReason,
  splitReport,
  splitSite,
  splitTrend,
  streamIdOf,
} from '#app/log';
import type { TestLog } from './log.js';

type Recorded = Pick<EventDraft, 'type' | 'data'>;

/** The events that ingest would record of aggregates, trends, sites and reports of any source. */
export class OfficialStory {
  readonly #versions = new Map<string, number>();
  #offset = 0;

  constructor(
    readonly log: TestLog,
    readonly ceSource: string,
  ) {}

  aggregate(aggregate: Aggregate): PreparedEvent {
    const { public: open, committed } = splitAggregate(aggregate, this.log.secrets.pseudonymKey);
    const event = { type: 'AggregatePublished', data: { aggregate: open } } as const;
    return this.#event(streamIdOf(this.ceSource, 'aggregate', aggregate.seriesId), event, committed);
  }

  aggregateWithdrawal(seriesId: string, period?: Period): PreparedEvent {
    const { public: data, committed } = splitReason({ seriesId, ...(period && { period }), reason: 'not verified' });
    return this.#event(
      streamIdOf(this.ceSource, 'aggregate', seriesId),
      { type: 'AggregateWithdrawn', data },
      committed,
    );
  }

  trend(trend: Trend): PreparedEvent {
    const { public: open, committed } = splitTrend(trend, this.log.secrets.pseudonymKey);
    const event = { type: 'TrendAsserted', data: { trend: open } } as const;
    return this.#event(streamIdOf(this.ceSource, 'trend', trend.trendId), event, committed);
  }

  trendWithdrawal(trendId: string): PreparedEvent {
    const { public: data, committed } = splitReason({ trendId, reason: 'a mistake' });
    return this.#event(streamIdOf(this.ceSource, 'trend', trendId), { type: 'TrendWithdrawn', data }, committed);
  }

  site(site: Site): PreparedEvent {
    const { public: open, committed } = splitSite(site, this.log.secrets.pseudonymKey);
    const event = { type: 'SiteRecorded', data: { site: open } } as const;
    return this.#event(streamIdOf(this.ceSource, 'site', site.siteRef), event, committed);
  }

  siteWithdrawal(siteRef: string): PreparedEvent {
    const { public: data, committed } = splitReason({ siteRef, reason: 'found to be empty' });
    return this.#event(streamIdOf(this.ceSource, 'site', siteRef), { type: 'SiteWithdrawn', data }, committed);
  }

  report(report: Report): PreparedEvent {
    const { public: open, committed } = splitReport(report, this.log.secrets.pseudonymKey);
    const placements = { 'iso-3166': placeReport(open.place) };
    const data = { report: open, disposition: 'APPLIED' as const, placements, flags: checkReport(open) };
    const stream = incidentIdOf(this.ceSource, report.incident.ref as string);
    return this.#event(stream, { type: 'ReportRecorded', data }, committed);
  }

  #event(stream: string, { type, data }: Recorded, committed: Committed): PreparedEvent {
    const streamVersion = (this.#versions.get(stream) ?? 0) + 1;
    this.#versions.set(stream, streamVersion);
    const offset = this.#offset++;
    const topic = 'conflict.reports.v1';
    const source = { ceSource: this.ceSource, ceId: `m-${offset}`, cluster: 'test', topic, partition: 0, offset };
    return prepareEvent(
      { type, data, stream, streamVersion, actor: this.ceSource, source: { ...source, value: null }, committed },
      { log: this.log.head.log, masterKey: this.log.masterKey },
    );
  }
}
