import { isPublishedBy, type PublicAggregate, type PublicSite, type PublicTrend, replaces } from '#app/domain';
import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { recordedUntil, recordNames, standingRecords } from './official.sql.js';

/** What is published by kind of record: the body of each. */
export interface OfficialBodies {
  AGGREGATE: PublicAggregate;
  TREND: PublicTrend;
  SITE: PublicSite;
}
export type OfficialRecordKind = keyof OfficialBodies;

/** A published figure, assertion or stock that stands as of a position. */
export interface OfficialRecord<K extends OfficialRecordKind> {
  /** Names the thing whatever it says: the same for every revision of it. */
  id: string;
  /** The event that recorded what it says. */
  position: number;
  eventId: string;
  /** CloudEvents source. */
  source: string;
  body: OfficialBodies[K];
}

interface Row {
  key: string;
  from_position: string;
  /** Absent where only what stands is asked for. */
  to_position?: string | null;
  event_id: string;
  source: string;
  body: string;
}

/**
 * All of a kind that stand as of a position, by id.
 *
 * @param until of each that stands, the newest publication by then that no withdrawal ended, whether it ever stood or came
 *   after a newer one; those without one are left out. Null: what stands, whenever it was published.
 */
export async function readOfficial<K extends OfficialRecordKind>(
  tx: EntityManager,
  { position, generation }: AsOf,
  kind: K,
  until: Date | null,
): Promise<OfficialRecord<K>[]> {
  const tables = tablesOfGeneration(generation);
  if (until === null) return (await tx.query<Row[]>(standingRecords(tables), [kind, position])).map(toRecord<K>);
  const rows = await tx.query<Row[]>(recordedUntil(tables), [kind, position]);
  return notWithdrawn(rows).flatMap((records) => newestBy(until, records.map(toRecord<K>)) ?? []);
}

/**
 * What was published of each thing that stands, by thing, since it was withdrawn last. What a newer publication ended ends where
 * that one begins; one that ends before was withdrawn, and all before it.
 *
 * @param rows those of each key together, the first recorded first
 */
function notWithdrawn(rows: readonly Row[]): Row[][] {
  const byKey = new Map<string, { rows: Row[]; endedAt: string | null }>();
  for (const row of rows) {
    const { key, from_position: from, to_position: to = null } = row;
    const known = byKey.get(key);
    // One that never stood ends where it begins, and ends nothing.
    if (from === to) known?.rows.push(row);
    else if (known?.endedAt === from) {
      known.rows.push(row);
      known.endedAt = to;
    } else byKey.set(key, { rows: [row], endedAt: to });
  }
  return [...byKey.values()].filter(({ endedAt }) => endedAt === null).map((thing) => thing.rows);
}

function newestBy<K extends OfficialRecordKind>(
  until: Date,
  records: readonly OfficialRecord<K>[],
): OfficialRecord<K> | undefined {
  const when = ({ body: { publishedAt = null }, position }: OfficialRecord<K>) => ({ publishedAt, position });
  return records
    .filter(({ body }) => isPublishedBy(body, until))
    .reduce<OfficialRecord<K> | undefined>(
      (newest, next) => (newest === undefined || replaces(when(next), when(newest)) ? next : newest),
      undefined,
    );
}

function toRecord<K extends OfficialRecordKind>(row: Row): OfficialRecord<K> {
  return {
    id: row.key,
    position: Number(row.from_position),
    eventId: row.event_id,
    source: row.source,
    body: JSON.parse(row.body) as OfficialBodies[K],
  };
}

/** Who publishes things of a kind, and as which series. */
export interface OfficialName {
  /** CloudEvents source. */
  source: string;
  /** The publisher as the source names it; a pseudonym where its name is protected. */
  publisher: string;
  /** Null where the kind has no series. */
  series: string | null;
}

/** All that were recorded until a position, withdrawn ones included: what a reader can ask for. */
export async function readOfficialNames(
  tx: EntityManager,
  { position, generation }: AsOf,
  kind: OfficialRecordKind,
): Promise<OfficialName[]> {
  return tx.query<OfficialName[]>(recordNames(tablesOfGeneration(generation)), [kind, position]);
}
