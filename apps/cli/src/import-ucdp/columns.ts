/**
 * The columns of a GED row that this import reads, with the names that the releases 17.1–25.1, the Candidate files and
 * HDX's country extracts give them. All others (relid, geom_wkt, priogrid_gid, start_year, iso3 …) are left out on purpose:
 * a row must become the same message whoever carried the file.
 */
const COLUMNS = {
  id: ['id'],
  typeOfViolence: ['type_of_violence'],
  conflictId: ['conflict_new_id', 'conflict_id'],
  conflictName: ['conflict_name'],
  dyadId: ['dyad_new_id', 'dyad_id'],
  dyadName: ['dyad_name'],
  sideAId: ['side_a_new_id', 'side_a_id'],
  sideA: ['side_a'],
  sideBId: ['side_b_new_id', 'side_b_id'],
  sideB: ['side_b'],
  gwnoA: ['gwnoa'],
  gwnoB: ['gwnob'],
  sourceArticle: ['source_article'],
  sourceHeadline: ['source_headline'],
  sourceOriginal: ['source_original'],
  wherePrec: ['where_prec'],
  whereCoordinates: ['where_coordinates'],
  adm1: ['adm_1'],
  adm2: ['adm_2'],
  latitude: ['latitude'],
  longitude: ['longitude'],
  country: ['country'],
  countryId: ['country_id'],
  datePrec: ['date_prec'],
  dateStart: ['date_start'],
  dateEnd: ['date_end'],
  deathsA: ['deaths_a'],
  deathsB: ['deaths_b'],
  deathsCivilians: ['deaths_civilians'],
  deathsUnknown: ['deaths_unknown'],
  best: ['best', 'best_est'],
  high: ['high', 'high_est'],
  low: ['low', 'low_est'],
} as const satisfies Record<string, readonly string[]>;

export type Column = keyof typeof COLUMNS;

/** One row: the text of each known column, '' where the file does not have the column. */
export type Cells = Record<Column, string>;

/** Where each column stands in a row; columns that the file does not have are absent. */
export type ColumnMap = ReadonlyMap<Column, number>;

const REQUIRED: readonly Column[] = [
  'id',
  'typeOfViolence',
  'sideA',
  'sideB',
  'wherePrec',
  'whereCoordinates',
  'latitude',
  'longitude',
  'country',
  'datePrec',
  'dateStart',
  'dateEnd',
  'deathsA',
  'deathsB',
  'deathsCivilians',
  'deathsUnknown',
  'best',
  'high',
  'low',
];

/** The file is not one that this import can read; the message says why and what would be. */
export class UnreadableFileError extends Error {}

/**
 * Finds the columns by name; case, surrounding blanks and order do not matter.
 * @throws UnreadableFileError naming every required column that is missing
 */
export function resolveColumns(header: readonly string[]): ColumnMap {
  const places = new Map(header.map((name, index) => [name.trim().toLowerCase(), index]));
  const found = new Map<Column, number>();
  for (const [column, names] of Object.entries(COLUMNS) as [Column, readonly string[]][]) {
    const name = names.find((candidate) => places.has(candidate));
    if (name !== undefined) found.set(column, places.get(name) ?? 0);
  }
  const missing = REQUIRED.filter((column) => !found.has(column)).map((column) => COLUMNS[column][0]);
  if (missing.length > 0) {
    throw new UnreadableFileError(
      `This is not a UCDP GED or Candidate event file: it has no column ${missing.join(', ')}. ` +
        'Take the full file from https://ucdp.uu.se/downloads/ or an HDX country extract of it; cuts without these columns cannot be recorded.',
    );
  }
  return found;
}

export function cellsOf(record: readonly string[], map: ColumnMap): Cells {
  const cells = {} as Cells;
  for (const column of Object.keys(COLUMNS) as Column[]) {
    const place = map.get(column);
    cells[column] = place === undefined ? '' : (record[place] ?? '').trim();
  }
  return cells;
}

/** The name of a column as UCDP writes it, for messages. */
export function columnName(column: Column): string {
  return COLUMNS[column][0];
}

/** HDX puts a row of HXL hashtags below the header. */
export function isHxlRow(record: readonly string[]): boolean {
  const filled = record.filter((cell) => cell.trim() !== '');
  return filled.length > 0 && filled.every((cell) => cell.trim().startsWith('#'));
}
