import type { Estimator } from '../enumerations.js';

/** What the estimators read of one claimant on one measure and part. */
export interface EstimatorInput {
  /** Null for an unknown number: it takes no part. */
  value: number | null;
  /** The publisher's own best figure. */
  point: number | null;
  /** Rank of its report by `publishedAt`, then `reportId`: larger is later. */
  report: number;
  /** Breaks the tie of two claimants in one report, so that the order of entries does not matter. */
  key: string;
}

export type Points = Record<Estimator, number | null>;

const NO_POINTS: Points = { conservative: null, median: null, max: null, latest: null, best: null };

/** The five point estimates of contract §3; all null when nobody gives a value. */
export function estimate(claims: readonly EstimatorInput[]): Points {
  if (claims.length === 1) {
    const { value, point } = claims[0] as EstimatorInput;
    return value === null ? NO_POINTS : { conservative: value, median: value, max: value, latest: value, best: point };
  }
  const values: number[] = [];
  let latest: EstimatorInput | null = null;
  let best: EstimatorInput | null = null;
  for (const claim of claims) {
    if (claim.value === null) continue;
    values.push(claim.value);
    if (latest === null || isLater(claim, latest)) latest = claim;
    if (claim.point !== null && (best === null || isLater(claim, best))) best = claim;
  }
  if (latest === null) return NO_POINTS;
  values.sort((a, b) => a - b);
  return {
    conservative: values[0] ?? null,
    median: values[(values.length - 1) >> 1] ?? null,
    max: values[values.length - 1] ?? null,
    latest: latest.value,
    best: best === null ? null : best.point,
  };
}

function isLater(a: EstimatorInput, b: EstimatorInput): boolean {
  return a.report === b.report ? a.key > b.key : a.report > b.report;
}
