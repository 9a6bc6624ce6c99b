/** A cell that cannot mean what its column is for. */
export class CellError extends Error {
  constructor(
    readonly column: string,
    readonly reason: string,
  ) {
    super(`${column}: ${reason}`);
  }
}

/** A whole number, also as `4.0`; the sign stays, so that a negative count is refused by the contract and not here. */
export function wholeNumber(column: string, text: string): number {
  const match = /^(-?\d{1,15})(?:\.0*)?$/.exec(text);
  if (match === null) {
    throw new CellError(column, text === '' ? 'is empty' : `"${cut(text)}" is not a whole number`);
  }
  return Number(match[1]);
}

/** A decimal number, or null for an empty cell. */
export function decimal(column: string, text: string): number | null {
  if (text === '') return null;
  const value = Number(text);
  if (!/^[-+]?[\d.]+(?:e[-+]?\d{1,3})?$/i.test(text) || !Number.isFinite(value)) {
    throw new CellError(column, `"${cut(text)}" is not a number`);
  }
  return value;
}

const ISO = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.]+Z?)?$/;
const AMERICAN = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: \d{1,2}:\d{2}:\d{2}(?: ?[AP]M)?)?$/i;

/** `2018-11-08`, `2018-11-08 00:00:00.000` and `11/8/2018 12:00:00 AM` as YYYY-MM-DD. The time of day carries nothing in GED. */
export function civilDate(column: string, text: string): string {
  const iso = ISO.exec(text);
  const american = AMERICAN.exec(text);
  const parts = iso ? [iso[1], iso[2], iso[3]] : american ? [american[3], american[1], american[2]] : null;
  if (parts === null) throw new CellError(column, text === '' ? 'is empty' : `"${cut(text)}" is not a date`);
  const [year, month, day] = parts.map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    throw new CellError(column, `"${cut(text)}" is not a day of the calendar`);
  }
  return date.toISOString().slice(0, 10);
}

/** Names are one line in the contract; a line break inside a cell is layout. */
export function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim();
}

/** HDX and pandas write codes as 645.0; the same code must give the same message. */
export function code(text: string): string {
  return text.replace(/\.0+$/, '');
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
