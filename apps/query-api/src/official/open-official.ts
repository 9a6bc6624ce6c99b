import { type Database, type MasterKey, type Opened, openSealedOf } from '#app/log';
import type { SealedPointer } from '#app/read-models';

/** Committed values of one event that every reader may see, and what is there beside them. */
export interface OpenedOfficial {
  /** JSON Pointer → value. */
  values: ReadonlyMap<string, unknown>;
  /** Committed values that exist and are not shown: names of those who are protected. */
  withheld: number;
  /** Pointers of values that were erased. */
  erased: string[];
}

/** Shown to every reader (architecture §2): where it was published, and why areas are left out. */
const OPEN = /^\/(source\/(url|archiveUrl|documentId)|coverageExclusions\/\d+\/reason)$/;

/**
 * Opens what every reader may see of some events.
 *
 * @param pointers all that the events committed to
 */
export async function openOfficial(
  db: Database,
  masterKey: MasterKey,
  eventIds: readonly string[],
  pointers: readonly SealedPointer[],
): Promise<Map<string, OpenedOfficial>> {
  const wanted = [...new Set(pointers.map(({ pointer }) => pointer).filter((pointer) => OPEN.test(pointer)))];
  const sealed = eventIds.map((eventId) => ({ eventId }));
  const opened = wanted.length === 0 ? new Map<string, Opened>() : await openSealedOf(db, masterKey, sealed, wanted);
  const byEvent = new Map<string, SealedPointer[]>(eventIds.map((eventId) => [eventId, []]));
  for (const pointer of pointers) byEvent.get(pointer.eventId)?.push(pointer);
  return new Map(
    eventIds.map((eventId) => {
      const own = byEvent.get(eventId) ?? [];
      return [
        eventId,
        {
          values: opened.get(eventId)?.values ?? new Map<string, unknown>(),
          withheld: own.filter(({ pointer, isErased }) => !isErased && !OPEN.test(pointer)).length,
          erased: own
            .filter(({ isErased }) => isErased)
            .map(({ pointer }) => pointer)
            .toSorted(),
        },
      ];
    }),
  );
}
