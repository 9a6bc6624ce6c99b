import { type CsvColumn, type CsvOptions, toCsv } from '#app/http-edge';
import type { FastifyReply } from 'fastify';
import type { AsOfDto } from './as-of.dto.js';
import { asOfDto, type Pinned } from './pin.js';

/** What an answer is of. */
export interface AnswerState {
  pinned: Pinned;
  /** Only what was published by then counts; null: all. Absent where a route does not ask. */
  publishedUntil?: string | null;
  /** The earlier of the two states that it compares; absent where it is of one. */
  from?: Pinned;
}

/** As JSON answers have it, and every line of NDJSON. */
function stated({ pinned, publishedUntil }: AnswerState): { publishedUntil?: string | null; asOf: AsOfDto } {
  return { ...(publishedUntil !== undefined && { publishedUntil }), asOf: asOfDto(pinned) };
}

/** Every line says what it is of: a line has no answer around it once it is in a file. */
export function statedRows<Row extends object>(rows: readonly Row[], state: AnswerState): (Row & { asOf: AsOfDto })[] {
  const own = stated(state);
  return rows.map((row) => ({ ...row, ...own }));
}

export function toNdjson(rows: readonly object[], state: AnswerState): string {
  return statedRows(rows, state)
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('');
}

/** CSV whose rows say what they are of, in columns after their own. */
export function toStatedCsv<Row>(
  columns: readonly CsvColumn<Row>[],
  rows: readonly Row[],
  state: AnswerState,
  options: CsvOptions,
): string {
  const { position, projection, policy, boundary } = asOfDto(state.pinned);
  const own: CsvColumn<Row>[] = [
    { name: 'as_of_position', hxl: '#meta+position+asof', value: () => position },
    { name: 'projection', hxl: '#meta+projection', value: () => projection },
    { name: 'policy', hxl: '#meta+policy', value: () => policy },
    { name: 'boundary', hxl: '#meta+boundary', value: () => boundary },
    ...publishedUntilColumns(state),
    ...fromColumns(state),
  ];
  // A column of the route's own with one of these names is about the row: `projection` of a snapshot (docs/reading.md).
  const known = new Set(columns.map(({ name }) => name));
  return toCsv([...columns, ...own.filter(({ name }) => !known.has(name))], rows, options);
}

/** Empty where the reader did not ask for it. */
export function publishedUntilColumns({ publishedUntil }: Pick<AnswerState, 'publishedUntil'>): CsvColumn<unknown>[] {
  if (publishedUntil == null) return [];
  return [{ name: 'published_until', hxl: '#date+published+until', value: () => publishedUntil }];
}

function fromColumns({ from }: AnswerState): CsvColumn<unknown>[] {
  if (from === undefined) return [];
  return [{ name: 'as_of_from_position', hxl: '#meta+position+asof+from', value: () => from.asOf.position }];
}

/** The same for every format, as a dictionary of RFC 9651. */
export function tellState(reply: FastifyReply, state: AnswerState): void {
  const { asOf, publishedUntil } = stated(state);
  const members = {
    position: asOf.position,
    'recorded-at': asOf.recordedAt,
    projection: asOf.projection,
    policy: asOf.policy,
    boundary: asOf.boundary,
    ...(publishedUntil != null && { 'published-until': publishedUntil }),
  };
  const texts = Object.entries(members).map(([name, value]) =>
    typeof value === 'number' ? `${name}=${value}` : `${name}="${encodeURI(value)}"`,
  );
  void reply.header('ledger-as-of', texts.join(', '));
}
