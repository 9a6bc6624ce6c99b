import { type Flag, MEASURES, type Measure, type Part } from '../enumerations.js';
import { type EstimatorInput, estimate } from '../claims/estimators.js';
import type { MeasureFigure } from './incident-figures.js';
import { PARTS, type Standing, type StandingClaims, valueOf } from '../claims/standing-claims.js';
import { type StatedValue, sumOf } from '../claims/stated-value.js';

/** What one claimant says of a measure and part, ready to be put beside the others. */
interface Entry extends EstimatorInput {
  stated: StatedValue;
  derived: boolean;
}

const NO_FLAGS: readonly Flag[] = [];
const NO_POINTS = estimate([]);
const TOTAL = 0;
const UNKNOWN_PART = PARTS.indexOf('UNKNOWN');

/** The figures of every measure that somebody speaks of (domain fold 3 to 6). */
export function measureFigures(claims: StandingClaims): MeasureFigure[] {
  const figures: MeasureFigure[] = [];
  for (let m = 0; m < MEASURES.length; m++) {
    const rows = claims.cells.slice(m * PARTS.length, (m + 1) * PARTS.length);
    const totals = totalsOf(rows, claims.keys);
    if (totals.length === 0) continue;
    const measure = MEASURES[m] as Measure;
    const total = combine(measure, 'TOTAL', totals);
    figures.push(total);
    addParts(figures, total, rows, claims.keys);
  }
  return figures;
}

type Row = (Standing | undefined)[] | undefined;

/** Of each claimant its claim about the total, else the sum of its parts (fold 3), else of its detailed claims. */
function totalsOf(rows: readonly Row[], keys: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  const whole = rows[TOTAL];
  for (let c = 0; c < keys.length; c++) {
    const standing = whole?.[c];
    const key = keys[c] as string;
    if (standing?.plain) entries.push(entryOf(standing.plain, standing.report, key, false));
    else {
      const derived = sumOfParts(rows, c);
      if (derived) entries.push(entryOf(derived.sum, derived.report, key, true));
      else if (standing) entries.push(entryOf(valueOf(standing), standing.report, key, true));
    }
  }
  return entries;
}

function entryOf(stated: StatedValue, report: number, key: string, derived: boolean): Entry {
  return { stated, derived, report, key, value: stated.value, point: stated.point };
}

function sumOfParts(rows: readonly Row[], claimant: number): { sum: StatedValue; report: number } | null {
  const values: StatedValue[] = [];
  let report = -1;
  for (let p = TOTAL + 1; p < PARTS.length; p++) {
    const standing = rows[p]?.[claimant];
    if (!standing) continue;
    values.push(valueOf(standing));
    if (standing.report > report) report = standing.report;
  }
  return values.length === 0 ? null : { sum: sumOf(values), report };
}

/** min lo … max hi over the claimants; unknown ones only where nobody knows more (fold 4). */
function combine(measure: Measure, part: Part, entries: readonly Entry[]): MeasureFigure {
  let known = false;
  for (const entry of entries) if (!entry.stated.unknown) known = true;
  let lo = Number.POSITIVE_INFINITY;
  let hi: number | null = Number.NEGATIVE_INFINITY;
  let derived = false;
  let phraseUnknown = false;
  let inconsistent = false;
  for (const { stated, derived: fromParts } of entries) {
    if (known && stated.unknown) continue;
    if (stated.lo < lo) lo = stated.lo;
    if (stated.hi === null) hi = null;
    else if (hi !== null && stated.hi > hi) hi = stated.hi;
    derived ||= fromParts;
    phraseUnknown ||= stated.phraseUnknown;
    inconsistent ||= stated.inconsistent;
  }
  const flags = derived || phraseUnknown || inconsistent ? flagsOf(inconsistent, derived, phraseUnknown) : NO_FLAGS;
  return { measure, part, lo, hi, unknown: !known, flags, points: estimate(entries) };
}

function flagsOf(inconsistent: boolean, derived: boolean, phraseUnknown: boolean): Flag[] {
  const flags: Flag[] = [];
  if (inconsistent) flags.push('INTERVAL_INCONSISTENT');
  if (derived) flags.push('DERIVED_FROM_PARTS');
  if (phraseUnknown) flags.push('PHRASE_UNKNOWN');
  return flags;
}

/** The parts that claimants speak of, and as UNKNOWN status what they leave of the total (fold 6). */
function addParts(figures: MeasureFigure[], total: MeasureFigure, rows: readonly Row[], keys: readonly string[]): void {
  let sumLo = 0;
  let sumHi: number | null = 0;
  let unknownPart: MeasureFigure | null = null;
  for (let p = TOTAL + 1; p < PARTS.length; p++) {
    const row = rows[p];
    if (!row) continue;
    const entries: Entry[] = [];
    for (let c = 0; c < row.length; c++) {
      const standing = row[c];
      if (standing) entries.push(entryOf(valueOf(standing), standing.report, keys[c] as string, false));
    }
    const part = combine(total.measure, PARTS[p] as Part, entries);
    sumLo += part.lo;
    sumHi = sumHi === null || part.hi === null ? null : sumHi + part.hi;
    if (p === UNKNOWN_PART) unknownPart = part;
    figures.push(part);
  }
  flagPartsAbove(total, sumLo);
  addRemainder(figures, total, { lo: sumLo, hi: sumHi }, unknownPart);
}

/** Parts of several claimants may be above the total though those of each one are not (fold 10). */
function flagPartsAbove(total: MeasureFigure, partsLo: number): void {
  if (total.hi === null || partsLo <= total.hi || total.flags.includes('INTERVAL_INCONSISTENT')) return;
  total.flags = ['INTERVAL_INCONSISTENT', ...total.flags];
}

function addRemainder(
  figures: MeasureFigure[],
  total: MeasureFigure,
  parts: { lo: number; hi: number | null },
  unknownPart: MeasureFigure | null,
): void {
  const lo = parts.hi === null ? 0 : Math.max(0, total.lo - parts.hi);
  const hi = total.hi === null ? null : Math.max(0, total.hi - parts.lo);
  if (lo === 0 && hi === 0) return;
  if (unknownPart) {
    unknownPart.lo += lo;
    unknownPart.hi = unknownPart.hi === null || hi === null ? null : unknownPart.hi + hi;
    return;
  }
  const { measure, unknown } = total;
  figures.push({ measure, part: 'UNKNOWN', lo, hi, unknown, flags: NO_FLAGS, points: NO_POINTS });
}
