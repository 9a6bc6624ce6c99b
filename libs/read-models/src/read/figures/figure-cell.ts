import { DATED_TO_YEAR } from '#app/domain';

/** Sums of one group, publisher, measure and part. `measure` INCIDENT counts incidents, FLAG flagged ones (part = flag). */
export interface FigureCell {
  /** Values of the dimensions but for status. Dates are first days of periods; null = too coarse for the period. */
  period: string | null;
  country: string;
  admin1: string;
  admin2: string;
  incidentType: string;
  weapon: string;
  verification: string;
  publisher: string;
  measure: string;
  part: string;
  incidents: number;
  lo: number;
  hi: number;
  open: number;
  unknown: number;
  point: number;
  valued: number;
  /** Of the incidents: placed nowhere, only to a country, only to a first level. */
  nowhere: number;
  countryOnly: number;
  admin1Only: number;
  /** Of the incidents, where figures are grouped by a period that is finer: dated only to a week, a month, a year. */
  weekOnly: number;
  monthOnly: number;
  yearOnly: number;
}

/** A row of the queries in figure-cells.sql.ts. */
export interface CellRow {
  g_period?: string | null;
  g_country?: string;
  g_admin1?: string;
  g_admin2?: string;
  g_type?: string;
  g_weapon?: string;
  g_verification?: string;
  publisher: string;
  measure: string;
  part: string;
  [sum: string]: unknown;
}

/** A row of DATED_TO_YEAR becomes what it adds to the cell of incidents: more than one cell can then have the same key. */
export function toCell(row: CellRow): FigureCell {
  const isYearOnly = row.measure === DATED_TO_YEAR;
  const sum = (name: string): number => (isYearOnly ? 0 : Number(row[name] ?? 0));
  // How finely an incident is placed and dated is told once, beside its count.
  const told = (name: string): number => (row.measure === 'INCIDENT' ? sum(name) : 0);
  return {
    period: row.g_period ?? null,
    country: row.g_country ?? '',
    admin1: row.g_admin1 ?? '',
    admin2: row.g_admin2 ?? '',
    incidentType: row.g_type ?? '',
    weapon: row.g_weapon ?? '',
    verification: row.g_verification ?? '',
    publisher: row.publisher,
    measure: isYearOnly ? 'INCIDENT' : row.measure,
    part: isYearOnly ? 'TOTAL' : row.part,
    incidents: sum('incidents'),
    lo: sum('lo'),
    hi: sum('hi'),
    open: sum('open'),
    unknown: sum('unknown'),
    point: sum('point'),
    valued: sum('valued'),
    nowhere: told('nowhere'),
    countryOnly: told('country_only'),
    admin1Only: told('admin1_only'),
    weekOnly: told('week_only'),
    monthOnly: told('month_only'),
    yearOnly: isYearOnly ? Number(row['incidents']) : told('year_only'),
  };
}
