import { stringify } from 'csv-stringify/sync';

export interface CsvColumn<Row> {
  name: string;
  /** HXL hashtag of the column, for instance `#affected+killed`. */
  hxl: string;
  value: (row: Row) => string | number | boolean | null | undefined;
}

export interface CsvOptions {
  /** A byte order mark, which Excel needs to read UTF-8. */
  bom?: boolean;
  /** A second row of HXL hashtags. */
  hxl?: boolean;
}

export const CSV_CONTENT_TYPE = 'text/csv; charset=utf-8';

/** RFC 4180 with CRLF. Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers. */
export function toCsv<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[], options: CsvOptions = {}): string {
  const head = [columns.map(({ name }) => name), ...(options.hxl === true ? [columns.map(({ hxl }) => hxl)] : [])];
  const body = rows.map((row) => columns.map((column) => cell(column.value(row))));
  return stringify([...head, ...body], { bom: options.bom === true, record_delimiter: 'windows' });
}

/** `=`, `+`, `-`, `@`, tab and CR begin a formula (OWASP, CSV injection); so do their full-width forms. */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

function cell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  return FORMULA.test(value) ? `'${value}` : value;
}
