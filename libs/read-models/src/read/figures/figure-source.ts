import type { AsOf } from '../as-of/as-of.js';
import { isJoint } from './counted-figures.js';
import { dimensionNeedsVersion, tellsYear } from './dimension.js';
import type { FigureRequest } from './figure-cells.js';
import { type IncidentFilter, needsVersion } from '../incidents/incident-filter.js';

/** Where figures are read from. All give the same numbers (architecture §4). */
export type FigureSource = 'balances' | 'balances less later postings' | 'postings' | 'postings and versions';

/** The projection that posts which incidents are dated only to a year; of older figures only versions know. */
const YEAR_POSTED_SINCE = 5;

/**
 * From this share of the log on, the postings after a position and the balances are less to read than the postings up to
 * it. More than a half, because the balances have a price of their own.
 */
const LESS_LATER_FROM = 0.6;

/**
 * The source that answers with the least: balances where their grain is enough, postings otherwise, versions where needed.
 *
 * @param head the position at which the balances stand, where it is known
 */
export function chooseSource(request: FigureRequest, asOf: AsOf, head?: number): FigureSource {
  const { filter, dimensions } = request;
  if (
    needsVersion(filter) ||
    request.onlySpeaking === true ||
    (tellsYear(request) && asOf.projection < YEAR_POSTED_SINCE) ||
    dimensions.some((dimension) => dimensionNeedsVersion(dimension, filter.dateRule))
  ) {
    return 'postings and versions';
  }
  if (!hasGrainOfBalances(request)) return 'postings';
  if (!asOf.isSettled) return 'balances';
  return head !== undefined && asOf.position > head * LESS_LATER_FROM ? 'balances less later postings' : 'postings';
}

function hasGrainOfBalances(request: FigureRequest): boolean {
  const { filter, dimensions } = request;
  return (
    request.publication?.changes !== true &&
    !isJoint(request) &&
    !dimensions.includes('region:admin2') &&
    filter.regions.every(({ level }) => level !== 'admin2') &&
    isOfWholeMonths(filter)
  );
}

export function isOfWholeMonths({ from, to }: Pick<IncidentFilter, 'from' | 'to'>): boolean {
  return (from === null || from.endsWith('-01')) && (to === null || isLastOfMonth(to));
}

function isLastOfMonth(date: string): boolean {
  const next = new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000);
  return next.getUTCDate() === 1;
}
