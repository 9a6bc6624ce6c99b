import type { Posting } from '#app/domain';
import type { CodedCell } from './codes.js';

/** Columns of `posting`, in the order of `postingLine`. */
export const POSTING_COLUMNS = `position, d_lo, d_hi, d_conservative, d_median, d_max, d_latest, d_best,
  d_incidents, d_open, d_unknown, d_valued, d_best_valued, month, start_date, incident_id,
  region, area, publisher, class, figure`;

/** `\N` with the tab before it: an amount that does not change is stored as NULL. */
const UNCHANGED = '\t\\N';
const NO_POINTS = UNCHANGED.repeat(5);
const NO_AMOUNTS = UNCHANGED.repeat(7);
const NO_COUNTS = UNCHANGED.repeat(4);

/** One line of COPY: numbers, dates and an id, so that nothing needs escaping. */
export function postingLine(p: Posting, cell: CodedCell, figure: number): string {
  return `${p.position}${amounts(p)}${amount(p.dIncidents)}${counts(p)}\t${p.month}\t${p.startDate}\t${p.incidentId}\t${
    cell.region
  }\t${cell.area}\t${cell.publisher}\t${cell.class}\t${figure}\n`;
}

function amounts(p: Posting): string {
  const isPointless = (p.dConservative || p.dMedian || p.dMax || p.dLatest || p.dBest) === 0;
  if (isPointless) return p.dLo === 0 && p.dHi === 0 ? NO_AMOUNTS : `${amount(p.dLo)}${amount(p.dHi)}${NO_POINTS}`;
  return `${amount(p.dLo)}${amount(p.dHi)}${amount(p.dConservative)}${amount(p.dMedian)}${amount(p.dMax)}${amount(
    p.dLatest,
  )}${amount(p.dBest)}`;
}

function counts(p: Posting): string {
  const isZero = (p.dOpen || p.dUnknown || p.dValued || p.dBestValued) === 0;
  return isZero ? NO_COUNTS : `${amount(p.dOpen)}${amount(p.dUnknown)}${amount(p.dValued)}${amount(p.dBestValued)}`;
}

function amount(delta: number): string {
  return delta === 0 ? UNCHANGED : `\t${delta}`;
}
