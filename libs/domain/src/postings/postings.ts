import type { Part } from '../enumerations.js';
import type { IncidentFigures, MeasureFigure } from '../fold/incident-figures.js';
import type { Placement } from '../report/report.js';

/**
 * Measure of the rows that count incidents dated only to a year, beside their row of INCIDENT. A name of its own, so that whoever
 * sums incidents, flags or a measure never sums these.
 */
export const DATED_TO_YEAR = 'DATED_TO_YEAR';

/** Where and what about a posting counts. '' = not placed at this level. */
export interface PostingCell {
  publisher: string;
  boundary: string;
  country: string;
  admin1: string;
  admin2: string;
  /** First day of the month of `startDate`. */
  month: string;
  startDate: string;
  incidentType: string;
  verification: string;
  /** INCIDENT counts incidents, DATED_TO_YEAR those dated only so, FLAG flagged ones (part = the flag); else a measure. */
  measure: string;
  part: string;
}

/** The signed amounts of one cell. Open and missing values count 0 in their sum and 1 in their number. */
export interface PostingAmounts {
  dIncidents: number;
  dLo: number;
  dHi: number;
  dOpen: number;
  dUnknown: number;
  dConservative: number;
  dMedian: number;
  dMax: number;
  dLatest: number;
  dValued: number;
  dBest: number;
  dBestValued: number;
}

/** One row of the journal (architecture §4): the columns of read_model.posting. */
export interface Posting extends PostingCell, PostingAmounts {
  position: number;
  incidentId: string;
}

export interface PostedAt {
  position: number;
  incidentId: string;
}

/**
 * The signed changes of every cell by one event: what the incident came to after it less what it came to before.
 * Only what differs is posted; the sum over all events is the figure now.
 */
export function postingsBetween(
  before: IncidentFigures | null,
  after: IncidentFigures | null,
  at: PostedAt,
): Posting[] {
  const postings: Posting[] = [];
  if (before) {
    for (const boundary in before.placements) {
      const same = after !== null && isSameCell(before, after, boundary);
      postSet(postings, before, boundary, { at, sign: -1, other: same ? after : null });
    }
  }
  if (after) {
    for (const boundary in after.placements) {
      const same = before !== null && isSameCell(before, after, boundary);
      postSet(postings, after, boundary, { at, sign: 1, other: same ? before : null });
    }
  }
  return postings;
}

function isSameCell(a: IncidentFigures, b: IncidentFigures, boundary: string): boolean {
  const [p, q] = [a.placements[boundary], b.placements[boundary]];
  return (
    p !== undefined &&
    q !== undefined &&
    p.country === q.country &&
    p.admin1 === q.admin1 &&
    p.admin2 === q.admin2 &&
    a.start === b.start &&
    a.incidentType === b.incidentType &&
    a.verification === b.verification &&
    a.publisher === b.publisher
  );
}

/** `other`: the state on the other side of the event when it counts in the same cells, else null. */
interface Side {
  at: PostedAt;
  sign: 1 | -1;
  other: IncidentFigures | null;
}

function postSet(postings: Posting[], state: IncidentFigures, boundary: string, side: Side): void {
  const { at, sign, other } = side;
  const blank = posting(state, state.placements[boundary] as Placement, boundary, at);
  if (!other) postings.push(count({ ...blank }, 'INCIDENT', 'TOTAL', sign));
  if (isDatedToYear(state) && !(other !== null && isDatedToYear(other))) {
    postings.push(count({ ...blank }, DATED_TO_YEAR, 'TOTAL', sign));
  }
  for (const flag of state.flags) {
    if (other?.flags.includes(flag)) continue;
    postings.push(count({ ...blank }, 'FLAG', flag, sign));
  }
  for (const figure of state.figures) {
    const counterpart = other ? find(other.figures, figure) : null;
    // Where both sides have the figure, the side after the event posts the difference.
    if (counterpart && (sign < 0 || isSameFigure(figure, counterpart))) continue;
    const row = { ...blank };
    row.measure = figure.measure;
    row.part = figure.part;
    add(row, figure, sign);
    if (counterpart) add(row, counterpart, -1);
    postings.push(row);
  }
}

const isDatedToYear = ({ timePrecision }: IncidentFigures): boolean => timePrecision === 'YEAR';

function posting(state: IncidentFigures, placement: Placement, boundary: string, at: PostedAt): Posting {
  return {
    position: at.position,
    incidentId: at.incidentId,
    publisher: state.publisher,
    boundary,
    country: placement.country ?? '',
    admin1: placement.admin1 ?? '',
    admin2: placement.admin2 ?? '',
    month: `${state.start.slice(0, 7)}-01`,
    startDate: state.start,
    incidentType: state.incidentType,
    verification: state.verification,
    measure: '',
    part: '',
    dIncidents: 0,
    dLo: 0,
    dHi: 0,
    dOpen: 0,
    dUnknown: 0,
    dConservative: 0,
    dMedian: 0,
    dMax: 0,
    dLatest: 0,
    dValued: 0,
    dBest: 0,
    dBestValued: 0,
  };
}

function count(row: Posting, measure: string, part: string, sign: 1 | -1): Posting {
  row.measure = measure;
  row.part = part;
  row.dIncidents = sign;
  return row;
}

function find(figures: readonly MeasureFigure[], like: { measure: string; part: Part }): MeasureFigure | null {
  for (const figure of figures) if (figure.measure === like.measure && figure.part === like.part) return figure;
  return null;
}

function isSameFigure(a: MeasureFigure, b: MeasureFigure): boolean {
  const [p, q] = [a.points, b.points];
  return (
    a.lo === b.lo &&
    a.hi === b.hi &&
    a.unknown === b.unknown &&
    p.conservative === q.conservative &&
    p.median === q.median &&
    p.max === q.max &&
    p.latest === q.latest &&
    p.best === q.best
  );
}

function add(row: Posting, figure: MeasureFigure, sign: 1 | -1): void {
  const { points } = figure;
  row.dIncidents += sign;
  row.dLo += sign * figure.lo;
  if (figure.hi === null) row.dOpen += sign;
  else row.dHi += sign * figure.hi;
  if (figure.unknown) row.dUnknown += sign;
  if (points.max !== null) {
    row.dConservative += sign * (points.conservative ?? 0);
    row.dMedian += sign * (points.median ?? 0);
    row.dMax += sign * points.max;
    row.dLatest += sign * (points.latest ?? 0);
    row.dValued += sign;
  }
  if (points.best !== null) {
    row.dBest += sign * points.best;
    row.dBestValued += sign;
  }
}
