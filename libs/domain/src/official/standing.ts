import type { AggregateWithdrawnData, Period, PublicAggregate } from './messages.js';

/** When something was published, as given (RFC 3339; null where the publisher does not say), and where it is recorded. */
export interface PublishedWhen {
  publishedAt: string | null;
  position: number;
}

/**
 * Whether a publication takes the place of the one that stands (domain rules 4 and 7): the newer `publishedAt` holds
 * whatever came first, and of two with the same one, or where one has none, the one recorded later. One that does not is
 * recorded all the same, and counts nowhere.
 */
export function replaces(candidate: PublishedWhen, standing: PublishedWhen | undefined): boolean {
  if (standing === undefined) return true;
  const [a, b] = [instantOf(candidate), instantOf(standing)];
  if (a !== null && b !== null && a !== b) return a > b;
  return candidate.position > standing.position;
}

/**
 * Whether a publication opens again what was withdrawn: a newer one does, and one of which nobody can say whether it is newer.
 * The one that was withdrawn, sent again, and older ones that come late do not.
 *
 * @param withdrawn the publication that stood when the withdrawal was recorded
 */
export function reopens(candidate: PublishedWhen, withdrawn: PublishedWhen): boolean {
  const [a, b] = [instantOf(candidate), instantOf(withdrawn)];
  return a === null || b === null || a > b;
}

/** The later of two dates of publication. One that is not given says nothing. */
export function laterPublished(a: string | null, b: string | null): string | null {
  const [one, other] = [instantOf({ publishedAt: a }), instantOf({ publishedAt: b })];
  if (one === null || other === null) return one === null ? b : a;
  return one >= other ? a : b;
}

/** Whether something had been published by a moment; of what has no date of publication nobody can say so. */
export function isPublishedBy({ publishedAt = null }: { publishedAt?: string | null }, until: Date): boolean {
  const instant = instantOf({ publishedAt });
  return instant !== null && instant <= until.getTime();
}

function instantOf({ publishedAt }: Pick<PublishedWhen, 'publishedAt'>): number | null {
  const instant = publishedAt === null ? Number.NaN : Date.parse(publishedAt);
  return Number.isNaN(instant) ? null : instant;
}

/**
 * What makes two publications of one source the same figure: the newer one is a revision of the other. `revisionOf` is
 * the publisher's own reference and decides nothing.
 */
export function figureNameOf({ seriesId, indicator, statusDefinition, period, area }: PublicAggregate): string[] {
  return [seriesId, indicator, statusDefinition, period.start, period.end, area.code];
}

/** Whether a withdrawal takes a figure back: the whole series, or the periods that lie within the one it names. */
export function isTakenBack(
  { seriesId, period }: Pick<PublicAggregate, 'seriesId' | 'period'>,
  withdrawal: AggregateWithdrawnData,
): boolean {
  if (withdrawal.seriesId !== seriesId) return false;
  return withdrawal.period == null || liesWithin(period, withdrawal.period);
}

/** Civil dates, both ends inclusive. */
export function liesWithin(inner: Period, outer: Period): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

export function overlaps(a: Period, b: Period): boolean {
  return a.start <= b.end && a.end >= b.start;
}
