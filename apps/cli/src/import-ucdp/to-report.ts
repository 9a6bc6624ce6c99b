import type { AdminReference, CasualtyClaim, GeoPrecision, Occurred, Place, Report } from '#app/domain';
import { CellError, civilDate, code, decimal, oneLine, wholeNumber } from './cell-values.js';
import { type Cells, type Column, columnName } from './columns.js';
import { killed } from './deaths.js';
import type { Release } from './release.js';
import { actorsOf, statusOf, type TypeOfViolence } from './sides.js';

/** CloudEvents `source` of everything that this import publishes. */
export const UCDP_SOURCE = 'https://ucdp.uu.se/ged';

const LICENSE = 'CC BY 4.0';
const ATTRIBUTION =
  'Uppsala Conflict Data Program (UCDP), Department of Peace and Conflict Research, Uppsala University, https://ucdp.uu.se/downloads/';

const INCIDENT_TYPES = { 1: 'ARMED_CLASH', 2: 'ARMED_CLASH', 3: 'ATTACK_ON_CIVILIANS' } as const;
const TIME_PRECISIONS = { 1: 'DAY', 2: 'WEEK', 3: 'WEEK', 4: 'MONTH', 5: 'YEAR' } as const;
const GEO_PRECISIONS = {
  1: 'SETTLEMENT',
  2: 'NEAR_SETTLEMENT',
  3: 'ADM2',
  4: 'ADM1',
  5: 'SUPRA_ADM1',
  6: 'COUNTRY',
  7: 'WATER_AIRSPACE',
} as const satisfies Record<number, GeoPrecision>;

/** Turns UCDP's country (Gleditsch-Ward code, name) into an ISO 3166-1 code, or null where there is none. */
export type CountryOf = (gwCode: string, name: string) => string | null;

/**
 * One GED row as `report.v1` (the table of docs/ucdp-import.md). Depends on nothing but its arguments: the same row of the
 * same release is the same report for ever. Counts and intervals are taken as given, however inconsistent (domain rule 11).
 * @throws CellError for a cell that cannot mean what its column is for
 */
export function toReport(cells: Cells, release: Release, countryOf: CountryOf): Report {
  const id = String(wholeNumber('id', cells.id));
  const violence = coded(cells, 'typeOfViolence', INCIDENT_TYPES) as TypeOfViolence;
  return {
    reportId: `ged-${id}`,
    revision: release.revision,
    incident: { ref: id },
    publishedAt: release.publishedAt,
    source: { name: 'UCDP', kind: 'OTHER_DATASET', license: LICENSE, attribution: ATTRIBUTION },
    occurred: occurred(cells),
    place: place(cells, countryOf),
    classification: {
      incidentType: INCIDENT_TYPES[violence],
      civilianTargeting: violence === 3 ? 'YES' : 'UNKNOWN',
    },
    actors: actorsOf(cells, violence),
    casualties: casualties(cells),
    ...optional('tags', tags(cells)),
    ...optional('confidential', quotedSources(cells)),
  };
}

function casualties(cells: Cells): CasualtyClaim[] {
  const count = (column: Column): number => wholeNumber(columnName(column), cells[column]);
  return killed({
    low: count('low'),
    best: count('best'),
    high: count('high'),
    civilians: count('deathsCivilians'),
    unknown: count('deathsUnknown'),
    sides: (['A', 'B'] as const).map((side) => ({
      side,
      deaths: count(`deaths${side}`),
      status: statusOf(cells, side),
    })),
  });
}

function occurred(cells: Cells): Occurred {
  return {
    start: civilDate('date_start', cells.dateStart),
    end: civilDate('date_end', cells.dateEnd),
    precision: TIME_PRECISIONS[coded(cells, 'datePrec', TIME_PRECISIONS) as keyof typeof TIME_PRECISIONS],
  };
}

function place(cells: Cells, countryOf: CountryOf): Place {
  const country = countryOf(code(cells.countryId), cells.country);
  const latitude = decimal('latitude', cells.latitude);
  const longitude = decimal('longitude', cells.longitude);
  const admin: AdminReference[] = [
    { name: oneLine(cells.adm1), level: 1, authority: 'UCDP' },
    { name: oneLine(cells.adm2), level: 2, authority: 'UCDP' },
  ].filter((reference) => reference.name !== '');
  return {
    name: oneLine(cells.whereCoordinates || cells.country),
    ...optional('country', country),
    ...optional('admin', admin.length === 0 ? null : admin),
    ...(latitude === null || longitude === null ? {} : { latitude, longitude }),
    precision:
      cells.wherePrec === ''
        ? 'UNKNOWN'
        : GEO_PRECISIONS[coded(cells, 'wherePrec', GEO_PRECISIONS) as keyof typeof GEO_PRECISIONS],
  };
}

/** What the contract has no field for and readers of UCDP look for. Tags are committed, not in the leaf. */
function tags(cells: Cells): string[] | null {
  const found = [
    ['ucdp:type_of_violence', cells.typeOfViolence],
    ['ucdp:conflict', cells.conflictId],
    ['ucdp:dyad', cells.dyadId],
  ]
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}:${code(value ?? '')}`);
  return found.length === 0 ? null : found;
}

/**
 * The headlines that UCDP quotes name victims (Syria's come from lists of the dead), and their licence is doubtful: they are
 * confidential, sealed beside the log and erasable, never shown to every reader.
 */
function quotedSources(cells: Cells): { notes: string } | null {
  const parts = (['sourceArticle', 'sourceHeadline', 'sourceOriginal'] as const)
    .filter((column) => cells[column] !== '')
    .map((column) => `${columnName(column)}: ${cells[column]}`);
  return parts.length === 0 ? null : { notes: cut(parts.join('\n')) };
}

/** What the contract lets notes be. Syria's lists of sources are longer; they are for finding the source, not for counting. */
const NOTES_MAX = 20_000;
const CUT_MARK = '… (cut by the import)';

function cut(text: string): string {
  if (text.length <= NOTES_MAX) return text;
  return text.slice(0, NOTES_MAX - CUT_MARK.length).replace(/[\uD800-\uDBFF]$/, '') + CUT_MARK;
}

function coded(cells: Cells, column: Column, table: Record<number, string>): number {
  const value = wholeNumber(columnName(column), cells[column]);
  if (table[value] === undefined) throw new CellError(columnName(column), `${value} is not one of UCDP's codes`);
  return value;
}

function optional<K extends string, V>(name: K, value: V | null): { [key in K]?: V } {
  return (value === null ? {} : { [name]: value }) as { [key in K]?: V };
}
