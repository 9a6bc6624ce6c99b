import { partyKey, reportClaimant } from './claimant.js';
import type { ConversionPolicy } from './conversion-policy.js';
import { MEASURES, type Measure, type Part, VICTIM_STATUSES } from '../enumerations.js';
import type { CasualtyClaim, Party, PublicReport } from '../report/report.js';
import { readValue, type StatedValue, sumOf, unionOf } from './stated-value.js';

/** The total first, then the statuses: the order of a measure's cells. */
export const PARTS: readonly Part[] = ['TOTAL', ...VICTIM_STATUSES];
const PART_INDEX = Object.fromEntries(PARTS.map((part, index) => [part, index])) as Record<Part, number>;
const MEASURE_INDEX = Object.fromEntries(MEASURES.map((measure, index) => [measure, index])) as Record<Measure, number>;

/** Where the claims on a measure and part are in `StandingClaims.cells`. */
function cellOf(measure: Measure, part: Part): number {
  return MEASURE_INDEX[measure] * PARTS.length + PART_INDEX[part];
}

/** What one claimant says on one measure and part, in the latest of its reports that speaks of it (domain fold 2). */
export interface Standing {
  /** Rank of the report by `publishedAt`, then `reportId`. */
  report: number;
  /** The claim that names no role, sex, age or side. */
  plain: StatedValue | null;
  /** Sums of the claims that do, by which of the four they name (a bit each). */
  details: Map<number, StatedValue> | null;
  roles: string[] | null;
}

export interface StandingClaims {
  /** Who claims a casualty figure, in order of first appearance; the index is used in `cells`. */
  claimants: Party[];
  keys: string[];
  /** By `cellOf`, then by claimant; missing = silent (domain fold 5). */
  cells: ((Standing | undefined)[] | undefined)[];
}

/** The casualty claims that count, of reports ranked from the earliest to the latest. */
export function standingClaims(ranked: readonly PublicReport[], policy: ConversionPolicy): StandingClaims {
  const claims: StandingClaims = { claimants: [], keys: [], cells: [] };
  const indexes = new Map<string, number>();
  for (let rank = 0; rank < ranked.length; rank++) {
    const report = ranked[rank] as PublicReport;
    if (!report.casualties) continue;
    const own = reportClaimant(report);
    let ownIndex = -1;
    for (const claim of report.casualties) {
      let claimant: number;
      if (claim.by) claimant = indexOf(claim.by, claims, indexes);
      else {
        if (ownIndex < 0) ownIndex = indexOf(own, claims, indexes);
        claimant = ownIndex;
      }
      const value = readValue(claim.value, claim.measure, report.language, policy);
      put(claims.cells, { claim, value, claimant, rank });
    }
  }
  return claims;
}

function indexOf(party: Party, claims: StandingClaims, indexes: Map<string, number>): number {
  const key = partyKey(party);
  const known = indexes.get(key);
  if (known !== undefined) return known;
  const index = claims.claimants.length;
  indexes.set(key, index);
  claims.claimants.push({ name: party.name, kind: party.kind });
  claims.keys.push(key);
  return index;
}

function put(
  cells: StandingClaims['cells'],
  { claim, value, claimant, rank }: { claim: CasualtyClaim; value: StatedValue; claimant: number; rank: number },
): void {
  const cell = cellOf(claim.measure, claim.status ?? 'TOTAL');
  let row = cells[cell];
  if (!row) {
    row = [];
    cells[cell] = row;
  }
  let standing = row[claimant];
  // Reports come from the earliest to the latest: a later one replaces what the claimant said here before.
  if (!standing || standing.report !== rank) {
    standing = { report: rank, plain: null, details: null, roles: null };
    row[claimant] = standing;
  }
  if (claim.role) {
    standing.roles ??= [];
    standing.roles.push(claim.role);
  }
  const named = detailOf(claim);
  if (named === 0) {
    standing.plain = standing.plain ? unionOf(standing.plain, value) : value;
    return;
  }
  standing.details ??= new Map();
  const sum = standing.details.get(named);
  standing.details.set(named, sum ? sumOf([sum, value]) : value);
}

function detailOf(claim: CasualtyClaim): number {
  return (claim.role ? 1 : 0) | (claim.sex ? 2 : 0) | (claim.age ? 4 : 0) | (claim.side ? 8 : 0);
}

/**
 * The claimant's number: the claim about the whole, else the sum of its details. Details by sex and details by role
 * count the same people twice, so sums of different kinds are not added: the one that counts the most people stands.
 */
export function valueOf(standing: Standing): StatedValue {
  if (standing.plain) return standing.plain;
  let most: StatedValue | null = null;
  if (standing.details) {
    for (const sum of standing.details.values()) {
      if (most === null || sum.lo > most.lo || (sum.lo === most.lo && above(sum.hi, most.hi))) most = sum;
    }
  }
  return most as StatedValue;
}

function above(a: number | null, b: number | null): boolean {
  return b !== null && (a === null || a > b);
}
