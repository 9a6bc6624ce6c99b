import type { PublicAggregate, PublicTrend } from './messages.js';
import type { Indicator, TrendMetric } from './enumerations.js';
import { overlaps } from './standing.js';
import type { Party } from '../report/report.js';

/** What an assertion must be about to stand beside a figure. OTHER is about the period as a whole. */
const METRICS: Record<Indicator, readonly TrendMetric[]> = {
  KILLED: ['CIVILIANS_KILLED', 'CIVILIAN_CASUALTIES', 'OTHER'],
  INJURED: ['CIVILIANS_INJURED', 'CIVILIAN_CASUALTIES', 'OTHER'],
  CASUALTIES: ['CIVILIAN_CASUALTIES', 'OTHER'],
  MISSING: ['OTHER'],
  ABDUCTED: ['ABDUCTIONS', 'OTHER'],
  INCIDENTS: ['INCIDENTS', 'OTHER'],
};

/** A publication with the CloudEvents source that sent it. */
export interface Sent<T> {
  source: string;
  body: T;
}

/**
 * Whether an assertion is by the publisher of a figure and about it (domain rule 7): it stands beside what this ledger
 * computes, and is never mixed with it.
 *
 * @param isSameArea whether one of the assertion's areas is the figure's
 */
export function isAssertedOf(
  { source: trendSource, body: trend }: Sent<PublicTrend>,
  { source, body: aggregate }: Sent<PublicAggregate>,
  isSameArea: (area: PublicTrend['areas'][number]) => boolean,
): boolean {
  const isOfPublisher =
    trendSource === source || trend.publisher.name.toLowerCase() === aggregate.publisher.name.toLowerCase();
  return (
    isOfPublisher &&
    METRICS[aggregate.indicator].includes(trend.metric) &&
    overlaps(trend.period, aggregate.period) &&
    trend.areas.some(isSameArea)
  );
}

/** Who said it: the person or body that is quoted, else the publisher. */
export function speakerOf({ by, publisher }: PublicTrend): Party {
  return by ?? publisher;
}
