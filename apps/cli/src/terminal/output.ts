import { type Progress, startProgress } from './progress.js';

/** Results go to standard output, everything about the way there to standard error. */
export interface Output {
  readonly json: boolean;
  /** The answer of the command, once: as text for people, or as one JSON document. */
  result(value: unknown, text: readonly string[]): void;
  note(line: string): void;
  progress(task: string, total: number | null, unit: string): Progress;
}

export function createOutput(json: boolean): Output {
  const note = (line: string): void => void process.stderr.write(`${printable(line)}\n`);
  return {
    json,
    result: (value, text) =>
      void process.stdout.write(
        json ? `${JSON.stringify(value, null, 2)}\n` : text.map((line) => `${printable(line)}\n`).join(''),
      ),
    note,
    progress: (task, total, unit) =>
      startProgress({ task, total, unit, terminal: process.stderr.isTTY && !json }, note),
  };
}

/** Rows in columns, the header first; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string[] {
  const cells = [header, ...rows.map((row) => row.map((cell) => (cell === null ? '–' : String(cell))))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const isNumber = header.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] !== 'string'));
  return cells.map((row) =>
    row
      .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/**
 * What others wrote (ids, sources, whole messages) must not move the cursor or rename the window: control and format
 * characters show as \\u escapes, but for line breaks and tabs.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`,
  );
}

/** 12,345 */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
