import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ReadModelTable, type Tables } from '#app/read-models';
import { repositoryRoot } from '#app/runtime';
import type pg from 'pg';

/**
 * The digests of docs/snapshots.md, computed from what that page says and from nothing else: its lists of types and columns
 * are read out of the page. Written apart from the product's own SQL.
 */

interface Column {
  name: string;
  type: string;
}
type Value = string | number | boolean | string[] | null;
type Row = Record<string, Value>;

const page = readFileSync(path.join(repositoryRoot(), 'docs', 'snapshots.md'), 'utf8');
const NUMBERS = new Map(
  [...page.matchAll(/^\| ([a-z[\]]+) \| (\d+) \| /gm)].map(([, type, number]) => [type as string, Number(number)]),
);
const COLUMNS = new Map(
  [...page.matchAll(/^\| `([a-z_]+)` \| (`.*) \|$/gm)].map(([, table, columns]) => [
    table as string,
    [...(columns as string).matchAll(/`([a-z0-9_]+)`(↑?) ([a-z[\]]+)/g)].map(([, name, , type]): Column => {
      return { name: name as string, type: type as string };
    }),
  ]),
);
const POSITIONS = new Map(
  [...page.matchAll(/^\| `([a-z_]+)` \| .*?`([a-z_]+)`↑/gm)].map(([, table, name]) => [
    table as string,
    name as string,
  ]),
);

const sha256 = (...parts: readonly Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const int16 = (value: number): Buffer => withBytes(2, (bytes) => bytes.writeInt16BE(value));
const int32 = (value: number): Buffer => withBytes(4, (bytes) => bytes.writeInt32BE(value));
const int64 = (value: bigint): Buffer => withBytes(8, (bytes) => bytes.writeBigInt64BE(value));

function withBytes(length: number, write: (bytes: Buffer) => unknown): Buffer {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
}

const EPOCH_MS = Date.UTC(2000, 0, 1);
const ENCODERS: Record<string, (value: never) => Buffer> = {
  boolean: (value: boolean) => Buffer.of(value ? 1 : 0),
  bigint: (value: number) => int64(BigInt(value)),
  smallint: int16,
  integer: int32,
  text: (value: string) => Buffer.from(value),
  double: (value: number) => withBytes(8, (bytes) => bytes.writeDoubleBE(value)),
  'text[]': (values: string[]) => {
    const items = values.flatMap((value) => [int32(Buffer.byteLength(value)), Buffer.from(value)]);
    return values.length === 0
      ? Buffer.concat([int32(0), int32(0), int32(25)])
      : Buffer.concat([int32(1), int32(0), int32(25), int32(values.length), int32(1), ...items]);
  },
  date: (value: string) => int32(value === '-infinity' ? -(2 ** 31) : (Date.parse(value) - EPOCH_MS) / 86_400_000),
  timestamptz: (value: string) => int64(BigInt(Date.parse(value) - EPOCH_MS) * 1000n),
  uuid: (value: string) => Buffer.from(value.replaceAll('-', ''), 'hex'),
};

function encoded(row: Row, columns: readonly Column[]): Buffer {
  const parts = columns.flatMap(({ name, type }) => {
    const value = row[name];
    if (value === undefined) throw new Error(`docs/snapshots.md lists a column ${name} that is not there`);
    const number = int32(NUMBERS.get(type) as number);
    if (value === null) return [number, int32(-1)];
    const bytes = (ENCODERS[type] as (value: Value) => Buffer)(value);
    return [number, int32(bytes.length), bytes];
  });
  return Buffer.concat([int32(columns.length), ...parts]);
}

/** @param upTo as of which position @returns SHA-256 in hex */
export async function publishedDigest(
  pool: pg.Pool,
  table: ReadModelTable,
  { tables, upTo }: { tables: Tables; upTo: number },
): Promise<string> {
  const columns = COLUMNS.get(table) as Column[];
  const at = POSITIONS.get(table);
  const rows = await rowsAsOf(pool, table, { tables, upTo });
  const buckets = new Map<string, { order: number; rows: { position: number; hash: Buffer }[] }>();
  for (const row of rows) {
    const position = at === undefined ? 0 : (row[at] as number);
    const bucket = at === undefined ? String(row['month']) : String(Math.floor(position / 256));
    const order = at === undefined ? ENCODERS['date']!(row['month'] as never).readInt32BE() : Number(bucket);
    const known = buckets.get(bucket) ?? { order, rows: [] };
    known.rows.push({ position, hash: sha256(encoded(row, columns)) });
    buckets.set(bucket, known);
  }
  const hashes = [...buckets.values()]
    .toSorted((a, b) => a.order - b.order)
    .map((bucket) =>
      sha256(
        ...bucket.rows
          .toSorted((a, b) => a.position - b.position || Buffer.compare(a.hash, b.hash))
          .map(({ hash }) => hash),
      ),
    );
  return sha256(...hashes).toString('hex');
}

async function rowsAsOf(
  pool: pg.Pool,
  table: ReadModelTable,
  { tables, upTo }: { tables: Tables; upTo: number },
): Promise<Row[]> {
  const rowsOf = async (name: keyof Tables): Promise<Row[]> =>
    (await pool.query<{ row: string }>(`SELECT to_json(t)::text AS row FROM ${tables[name]} t`)).rows.map(
      ({ row }) => JSON.parse(row) as Row,
    );
  const allOf = async (name: ReadModelTable): Promise<Row[]> =>
    name === 'posting' ? inWords(await rowsOf('posting'), await rowsOf('code')) : rowsOf(name);
  const isBy = (column: string) => (row: Row) => (row[column] as number) <= upTo;
  if (table === 'posting') return (await allOf('posting')).filter(isBy('position'));
  if (table === 'balance') return balancesOf((await allOf('posting')).filter(isBy('position')));
  if (table === 'moment') return momentsUpTo(await allOf('moment'), upTo);
  if (table === 'publisher') return (await allOf('publisher')).filter(isBy('first_position'));
  return (await allOf(table)).filter(isBy('from_position')).map((row) => {
    const to = row['to_position'] as number | null;
    return { ...row, to_position: to !== null && to <= upTo ? to : null };
  });
}

/** What the page says of the numbers that postings have for words. */
function inWords(postings: readonly Row[], codes: readonly Row[]): Row[] {
  const byCode = new Map(codes.map((row) => [row['code'], row]));
  return postings.map((posting) => {
    const words = (column: string): Row => byCode.get(posting[column]) as Row;
    const [region, area, publisher] = [words('region'), words('area'), words('publisher')];
    const [kind, figure] = [words('class'), words('figure')];
    return {
      ...posting,
      boundary: region['first'] as string,
      country: region['second'] as string,
      admin1: region['third'] as string,
      admin2: area['first'] as string,
      publisher: publisher['first'] as string,
      incident_type: kind['first'] as string,
      verification: kind['second'] as string,
      measure: figure['first'] as string,
      part: figure['second'] as string,
    };
  });
}

function balancesOf(postings: readonly Row[]): Row[] {
  const columns = (COLUMNS.get('balance') as Column[]).map(({ name }) => name);
  const [keys, sums] = [columns.slice(0, 9), columns.slice(9)];
  const balances = new Map<string, Row>();
  for (const posting of postings) {
    for (const month of [posting['month'] as string, '-infinity']) {
      const cell: Row = { ...posting, month };
      const key = JSON.stringify(keys.map((name) => cell[name]));
      const known = balances.get(key) ?? {
        ...Object.fromEntries(keys.map((name) => [name, cell[name] as Value])),
        ...Object.fromEntries(sums.map((name) => [name, 0])),
      };
      for (const name of sums) known[name] = (known[name] as number) + ((posting[`d_${name}`] as number | null) ?? 0);
      balances.set(key, known);
    }
  }
  return [...balances.values()].filter((row) => sums.some((name) => row[name] !== 0));
}

function momentsUpTo(moments: readonly Row[], upTo: number): Row[] {
  const sorted = moments.toSorted((a, b) => (a['position'] as number) - (b['position'] as number));
  return sorted
    .filter((_, index) => ((sorted[index - 1]?.['position'] as number | undefined) ?? -1) < upTo)
    .map((row) => ({ ...row, position: Math.min(row['position'] as number, upTo) }));
}
