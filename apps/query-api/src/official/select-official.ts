import { type BoundarySet, isoSet } from '#app/geography';
import type { MasterKey } from '#app/log';
import {
  type OfficialName,
  type OfficialRecord,
  type OfficialRecordKind,
  readOfficial,
  readOfficialNames,
  readSealedPointers,
} from '#app/read-models';
import type { EntityManager } from 'typeorm';
import type { Pinned } from '../asking/pin.js';
import { matchPublishers, resolveRegion } from '../asking/resolve-filter.js';
import { clientOf } from '../database/read-database.js';
import { isWithin } from './areas.js';
import type { OfficialParameters } from './official.dto.js';
import { type OpenedValues, type Opening, openValues } from '../opening/open-values.js';

/** What the filters that all lists have let through; areas are those of each record. */
export async function selectOfficial<K extends OfficialRecordKind>(
  tx: EntityManager,
  kind: K,
  { asked, pinned, until, areasOf }: Selection<K>,
): Promise<Selected<K>> {
  const records = await readOfficial(tx, pinned.asOf, kind, until);
  const names = await readOfficialNames(tx, pinned.asOf, kind);
  const isPublisher = publisherTest(asked.publisher, names);
  const isRegion = regionTest(asked.region, pinned.set);
  return {
    records,
    names,
    selected: records.filter((record) => isPublisher(record) && isRegion(areasOf(record.body))),
  };
}

export interface Selected<K extends OfficialRecordKind> {
  /** All that stand, or stood by what was published until then. */
  records: OfficialRecord<K>[];
  /** Those that the filters let through. */
  selected: OfficialRecord<K>[];
  names: OfficialName[];
}

interface Selection<K extends OfficialRecordKind> {
  asked: Pick<OfficialParameters, 'publisher' | 'region'>;
  pinned: Pinned;
  /** Only what was published by then; null: all. */
  until: Date | null;
  /** Codes of the areas that it is about or has parts for. */
  areasOf: (body: OfficialRecord<K>['body']) => string[];
}

type PublisherTest = (record: { source: string; body: { publisher: { name: string } } }) => boolean;

/** @throws Problem UNKNOWN_PUBLISHER */
function publisherTest(asked: readonly string[] | undefined, names: readonly OfficialName[]): PublisherTest {
  if (asked === undefined) return () => true;
  const known = [...new Set(names.flatMap(({ source, publisher }) => [source, publisher]))];
  const found = new Set(matchPublishers(asked, known));
  return ({ source, body }) => found.has(source) || found.has(body.publisher.name);
}

/** @throws Problem UNKNOWN_REGION */
function regionTest(asked: readonly string[] | undefined, set: BoundarySet): (codes: readonly string[]) => boolean {
  if (asked === undefined) return () => true;
  const containers = asked.flatMap((region) => resolveRegion(set, region)).map(({ code }) => code);
  return (codes) => {
    const areas = codes.flatMap((code) => standingFor(set, code));
    return containers.some((container) => areas.some((area) => isWithin(set, area, container)));
  };
}

/** A group of areas is about each of them. */
function standingFor(set: BoundarySet, code: string): string[] {
  const region = set.findCode(code) ?? isoSet.findCode(code);
  return region === null ? [code] : [code, ...set.standsFor(region).map((area) => area.code)];
}

/** What every reader may see (architecture §2): where it was published, and why areas are left out. */
const OPEN = /^\/(source\/(url|archiveUrl|documentId)|coverageExclusions\/\d+\/reason)$/;

/** Opens what a caller may see of some records. */
export async function openRecords(
  tx: EntityManager,
  masterKey: MasterKey,
  { records, caller }: { records: readonly { eventId: string }[]; caller: Opening['caller'] },
): Promise<Map<string, OpenedValues>> {
  const eventIds = records.map(({ eventId }) => eventId);
  const pointers = await readSealedPointers(tx, eventIds);
  return openValues(await clientOf(tx), masterKey, eventIds, { pointers, open: OPEN, caller });
}
