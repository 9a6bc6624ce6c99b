import { pipeline } from 'node:stream';
import { type Info, parse } from 'csv-parse';
import { type Cells, cellsOf, type ColumnMap, isHxlRow, resolveColumns, UnreadableFileError } from './columns.js';
import { openCsv } from './open-file.js';

/** One record of the file. `line` is where it starts (a quoted cell may run over several lines); null cells = wrong width. */
export interface Row {
  line: number;
  cells: Cells | null;
  /** Why there are no cells. */
  problem: string | null;
}

/**
 * Streams the rows of a GED file: byte order mark, HXL row and empty lines are skipped, newlines and quotes in cells kept.
 * @throws UnreadableFileError when the text is not UTF-8, not CSV, or lacks a column
 */
export async function* readRows(file: string): AsyncGenerator<Row> {
  const { stream } = await openCsv(file);
  const parser = parse({ info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true });
  // An error on either side reaches whoever reads the parser.
  const records = pipeline(stream, decoded, parser, () => undefined);
  let map: ColumnMap | null = null;
  let width = 0;
  let lastLine = 0;
  try {
    for await (const { record, info } of records as AsyncIterable<{ record: string[]; info: Info }>) {
      lastLine = info.lines;
      const line = lastLine - record.reduce((breaks, cell) => breaks + lineBreaks(cell), 0);
      if (map === null) {
        map = resolveColumns(record);
        width = record.length;
      } else if (record.length !== width) {
        yield { line, cells: null, problem: `has ${record.length} cells where the header has ${width}` };
      } else if (!isHxlRow(record)) {
        yield { line, cells: cellsOf(record, map), problem: null };
      }
    }
  } catch (error) {
    throw asUnreadable(error, lastLine + 1);
  } finally {
    stream.destroy();
    parser.destroy();
  }
  if (map === null) throw new UnreadableFileError('The file is empty.');
}

function lineBreaks(cell: string): number {
  let found = 0;
  for (let at = cell.indexOf('\n'); at !== -1; at = cell.indexOf('\n', at + 1)) found += 1;
  return found;
}

/** UTF-8 or nothing: a wrong encoding would change place and actor names without a word. Drops the byte order mark. */
async function* decoded(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of stream) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

function asUnreadable(error: unknown, line: number): unknown {
  if (error instanceof UnreadableFileError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return new UnreadableFileError(`The file is not UTF-8 text (near line ${line} or below): save it as UTF-8.`);
  }
  if (code?.startsWith('CSV_') === true) return new UnreadableFileError(`Line ${line}: not CSV: ${message}`);
  if (code?.startsWith('Z_') === true)
    return new UnreadableFileError(`The archive is damaged near line ${line}: ${message}`);
  return error;
}
