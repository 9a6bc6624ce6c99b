import { foldPlainly, type PlainTotals } from '../../support/independent-fold.js';
import type { Recorded } from './recorded.js';

const ESTIMATORS = ['conservative', 'median', 'max', 'latest'] as const;

/** The figures over HTTP, now and as of the positions, are what the fold written apart from the product makes of the leaves. */
export async function checkFigures(url: string, { leaves }: Recorded, positions: readonly number[]): Promise<string[]> {
  const problems: string[] = [];
  for (const position of [null, ...positions]) {
    const expected = foldPlainly(leaves, position ?? leaves.length - 1);
    for (const estimator of position === null ? (['median'] as const) : ESTIMATORS) {
      const at = position === null ? '' : `&asOf=${position}`;
      const answer = await fetch(`${url}/v1/casualties?estimator=${estimator}${at}`);
      const text = await answer.text();
      if (answer.status !== 200) problems.push(`figures as of ${position ?? 'now'}: ${answer.status} ${text}`);
      else problems.push(...compare(expected, estimator, text).map((what) => `as of ${position ?? 'now'}: ${what}`));
    }
  }
  return problems;
}

interface Shown {
  total: { incidents: number; measures: Record<string, Record<string, unknown>> };
}

function compare(expected: PlainTotals, estimator: (typeof ESTIMATORS)[number], text: string): string[] {
  const { total } = JSON.parse(text) as Shown;
  const problems: string[] = [];
  if (total.incidents !== expected.incidents) {
    problems.push(`${total.incidents} incidents instead of ${expected.incidents}`);
  }
  for (const [measure, { points, ...sums }] of Object.entries(expected.measures)) {
    const valued = expected.incidents - sums.silentIncidents - sums.withoutPoint;
    const wanted: Record<string, unknown> = { ...sums, point: valued === 0 ? null : points[estimator] };
    for (const [name, value] of Object.entries(wanted)) {
      const shown = total.measures[measure]?.[name];
      if (shown !== value) problems.push(`${measure} ${name} (${estimator}) is ${String(shown)}, not ${String(value)}`);
    }
  }
  return problems;
}
