import type {
  AggregateKind,
  Indicator,
  SiteKind,
  StatusDefinition,
  TrendDirection,
  TrendMetric,
} from './enumerations.js';
import type { ClaimedValue, Party, Report } from '../report/report.js';

/** Civil dates as given, both inclusive. */
export interface Period {
  start: string;
  end: string;
}
/** An area by its code: ISO 3166-1/-2, P-code, GW number. */
export interface AreaCode {
  code: string;
}
/** A part of a published number: that of one area. Parts need not sum to the whole (domain rule 7). */
export interface AreaValue {
  area: AreaCode;
  value: ClaimedValue;
}

/** aggregate.v1 as published (contract §1): an official total that somebody else counted, or an estimate. */
export interface Aggregate {
  /** The publisher's name of its series. One published figure is (source, series, indicator, definition, period, area). */
  seriesId: string;
  publisher: Party;
  indicator: Indicator;
  /** Whom the publisher counts: what is compared with recorded incidents must be compared with this in view. */
  statusDefinition: StatusDefinition;
  period: Period;
  area: AreaCode;
  value: ClaimedValue;
  breakdown?: AreaValue[] | null;
  publishedAt: string;
  /** The last civil day whose data are in it, inclusive. */
  dataCutoff?: string | null;
  /** Areas that the number leaves out; why is free text and therefore committed. */
  coverageExclusions?: { code: string; reason?: string | null }[] | null;
  /** What the publisher says of its certainty, for instance "absolute minimum". */
  verification?: string | null;
  kind: AggregateKind;
  /** The publisher's reference of the publication that this one revises. */
  revisionOf?: string | null;
  source?: Report['source'] | null;
}

/** trend.v1 as published (contract §1): somebody's assertion about a course of things. No number is made of it. */
export interface Trend {
  trendId: string;
  metric: TrendMetric;
  direction: TrendDirection;
  /** What a record or a re-emergence is measured from. */
  since?: string | null;
  /** By code or, where the publisher has none, by its own name. */
  areas: { code?: string | null; name?: string | null }[];
  period: Period;
  publisher: Party;
  publishedAt: string;
  /** Who said it, where that is not the publisher. */
  by?: Party | null;
  magnitude?: number | null;
  source?: Report['source'] | null;
}

/** site.v1 as published (contract §1): a stock, something found; never part of flow counts. */
export interface Site {
  siteRef: string;
  kind: SiteKind;
  /** How many sites; 1 for a single one. */
  count: ClaimedValue;
  area: AreaCode;
  breakdown?: AreaValue[] | null;
  victims?: ClaimedValue | null;
  bodiesExhumed?: ClaimedValue | null;
  /** When the deaths occurred, as far as known. */
  eventPeriod?: Period | null;
  discovered?: string | null;
  publishedAt?: string | null;
  publisher: Party;
  source?: Report['source'] | null;
}

/** Less `source.url`, `.archiveUrl`, `.documentId` and the exclusions' reasons; protected names are pseudonyms. */
export type PublicAggregate = Omit<Aggregate, 'coverageExclusions'> & {
  coverageExclusions?: { code: string }[] | null;
};
/** Less `source.url`, `.archiveUrl`, `.documentId`; protected names are pseudonyms. */
export type PublicTrend = Trend;
/** Less `source.url`, `.archiveUrl`, `.documentId`; protected names are pseudonyms. */
export type PublicSite = Site;

/** `data` of AggregatePublished. */
export interface AggregatePublishedData {
  aggregate: PublicAggregate;
}
/** `data` of AggregateWithdrawn: without a period, the whole series. The reason is committed. */
export interface AggregateWithdrawnData {
  seriesId: string;
  period?: Period | null;
}
/** `data` of TrendAsserted. */
export interface TrendAssertedData {
  trend: PublicTrend;
}
/** `data` of TrendWithdrawn. The reason is committed. */
export interface TrendWithdrawnData {
  trendId: string;
}
/** `data` of SiteRecorded. */
export interface SiteRecordedData {
  site: PublicSite;
}
/** `data` of SiteWithdrawn. The reason is committed. */
export interface SiteWithdrawnData {
  siteRef: string;
}
