import { parse } from 'csv-parse/sync';
import { usageError } from '../exit-codes.js';

/** Further names of areas: CSV with the columns `code` and `name`, one name a row; other columns are for people. */
export function readNames(text: string, file: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    throw usageError(`${file} is not CSV: ${(error as Error).message}.`);
  }
  for (const [index, row] of rows.entries()) {
    const { code, name } = row;
    if (!code || !name) throw usageError(`${file}, row ${index + 2}: it needs the columns code and name, both filled.`);
    const known = names.get(code);
    if (known === undefined) names.set(code, [name]);
    else known.push(name);
  }
  return names;
}
