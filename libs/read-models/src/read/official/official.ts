import { isPublishedBy, type PublicAggregate, type PublicSite, type PublicTrend } from '#app/domain';
import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { recordNames, standingRecords, standingRecordsAndReplaced } from './official.sql.js';

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
  event_id: string;
  source: string;
  body: string;
}

/**
 * All of a kind that stand as of a position, by id.
 *
 * @param until of each that stands, the newest publication by then that stood before it and that no withdrawal ended; those
 *   without one are left out. Null: what stands, whenever it was published. A publication that came after a newer one never
 *   stood, so it is not among them.
 */
export async function readOfficial<K extends OfficialRecordKind>(
  tx: EntityManager,
  { position, generation }: AsOf,
  kind: K,
  until: Date | null,
): Promise<OfficialRecord<K>[]> {
  const tables = tablesOfGeneration(generation);
  const text = until === null ? standingRecords(tables) : standingRecordsAndReplaced(tables);
  const records = (await tx.query<Row[]>(text, [kind, position])).map(toRecord<K>);
  return until === null ? records : newestBy(until, records);
}

/** @param records those of each id together, the newest first */
function newestBy<K extends OfficialRecordKind>(
  until: Date,
  records: readonly OfficialRecord<K>[],
): OfficialRecord<K>[] {
  const published = records.filter(({ body }) => isPublishedBy(body, until));
  return published.filter(({ id }, index) => published[index - 1]?.id !== id);
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
