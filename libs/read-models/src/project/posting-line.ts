import type { Posting } from '#app/domain';
import { copyText } from './copy-text.js';

/** Columns of `posting`, in the order of `postingLine`. */
export const POSTING_COLUMNS = `position, d_lo, d_hi, d_conservative, d_median, d_max, d_latest, d_best,
  d_incidents, d_open, d_unknown, d_valued, d_best_valued, month, start_date, incident_id,
  publisher, boundary, country, admin1, admin2, incident_type, verification, measure, part`;

/** One line of COPY. Only the publisher and the area codes come from outside; the rest are numbers and closed lists. */
export function postingLine(p: Posting): string {
  return `${p.position}\t${p.dLo}\t${p.dHi}\t${p.dConservative}\t${p.dMedian}\t${p.dMax}\t${p.dLatest}\t${p.dBest}\t${
    p.dIncidents
  }\t${p.dOpen}\t${p.dUnknown}\t${p.dValued}\t${p.dBestValued}\t${p.month}\t${p.startDate}\t${p.incidentId}\t${copyText(
    p.publisher,
  )}\t${copyText(p.boundary)}\t${copyText(p.country)}\t${copyText(p.admin1)}\t${copyText(p.admin2)}\t${
    p.incidentType
  }\t${p.verification}\t${p.measure}\t${p.part}\n`;
}
