import { count, type Output } from '../terminal/output.js';
import type { ImportResult } from './import-result.js';
import type { RowProblem } from './map-rows.js';

const SHOWN = 20;

/** Each row that cannot be recorded, by line; beyond the first 20 only their number (all of them with --json). */
export function reportRowProblems(problems: readonly RowProblem[], output: Output): void {
  for (const { line, id, reasons } of problems.slice(0, SHOWN)) {
    output.note(`line ${line}${id === null ? '' : ` (id ${id})`}: ${reasons.join('; ')}`);
  }
  if (problems.length > SHOWN) output.note(`… and ${problems.length - SHOWN} more rows; --json lists them all`);
}

export function summaryLines(result: ImportResult): string[] {
  const { taken, published, withdrawn, problems } = result;
  const invalid = problems.length;
  return [
    `release    ${result.release} (from ${result.releaseFrom}), published ${result.publishedAt.slice(0, 10)}`,
    `rows       ${count(result.rows)}, of which ${count(invalid)} cannot be recorded`,
    ...(result.withoutCountry > 0
      ? [`no country ${count(result.withoutCountry)} rows: recorded, counted in no country`]
      : []),
    published === null ? 'published  nothing: dry run' : `published  ${count(published)}, acknowledged by Kafka`,
    ...(taken === null
      ? []
      : [
          `recorded   ${count(taken.recorded)}`,
          `duplicate  ${count(taken.duplicate)} (recorded by an earlier import)`,
          `rejected   ${count(taken.rejected)}${taken.rejected > 0 ? ' (ledger rejections list)' : ''}`,
        ]),
    ...(withdrawn === null ? [] : [`withdrawn  ${count(withdrawn)} that the file no longer has`]),
  ];
}
