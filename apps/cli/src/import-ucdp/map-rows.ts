import { type Problem, TYPES, validateData } from '#app/contract';
import { type Message, messageOf } from '../publishing/cloud-event.js';
import { CellError } from './cell-values.js';
import { readRows, type Row } from './read-rows.js';
import type { Release } from './release.js';
import { type CountryOf, toReport, UCDP_SOURCE } from './to-report.js';

/** A row that cannot be recorded. */
export interface RowProblem {
  line: number;
  /** UCDP's id, when the row has one. */
  id: string | null;
  reasons: string[];
}

/** What a pass over the file found, filled while it runs. */
export interface Mapped {
  ids: Set<string>;
  /** ISO 3166-1 codes of the rows. */
  countries: Set<string>;
  /** Rows whose country has no ISO code: recorded, and counted in no country. */
  withoutCountry: number;
  problems: RowProblem[];
}

export function emptyMapped(): Mapped {
  return { ids: new Set(), countries: new Set(), withoutCountry: 0, problems: [] };
}

/** The messages of all rows that can be recorded, in the order of the file. The others are in `found.problems`. */
export async function* mapRows(
  file: string,
  release: Release,
  countryOf: CountryOf,
  found: Mapped,
): AsyncGenerator<Message> {
  for await (const row of readRows(file)) {
    const message = mapRow(row, release, countryOf, found);
    if (message !== null) yield message;
  }
}

function mapRow(row: Row, release: Release, countryOf: CountryOf, found: Mapped): Message | null {
  if (row.cells === null) return refuse(found, row.line, null, [row.problem ?? 'is not a row']);
  const id = /^\d+(?=\.0*$|$)/.exec(row.cells.id)?.[0] ?? null;
  if (id !== null && found.ids.has(id)) return refuse(found, row.line, id, [`id: ${id} stands further up already`]);
  if (id !== null) found.ids.add(id);
  try {
    const report = toReport(row.cells, release, countryOf);
    if (report.place.country) found.countries.add(report.place.country);
    else found.withoutCountry += 1;
    const problems = validateData(TYPES.REPORT, report);
    if (problems.length > 0) return refuse(found, row.line, id, problems.map(sentence));
    return messageOf({
      id: `${report.reportId}/${release.name}`,
      source: UCDP_SOURCE,
      type: TYPES.REPORT,
      data: report,
    });
  } catch (error) {
    if (error instanceof CellError) return refuse(found, row.line, id, [error.message]);
    throw error;
  }
}

function refuse(found: Mapped, line: number, id: string | null, reasons: string[]): null {
  found.problems.push({ line, id, reasons });
  return null;
}

function sentence({ pointer, code, detail }: Problem): string {
  return `${pointer} ${code}: ${detail}`;
}
