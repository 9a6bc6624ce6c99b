import { type MasterKey, type Opened, openSealedOf } from '#app/log';
import type { SealedPointer } from '#app/read-models';
import type { Database } from '#app/log';
import type { OpenedDto } from './incident-detail.dto.js';

/** Committed values of one report that a reader without a role may know of. */
export interface OpenTier {
  opened: OpenedDto;
  /** Of a decision. */
  reason: string | null;
  grounds: string | null;
  withheld: number;
  erased: string[];
}

/** Shown to every reader (architecture §2); everything else that is sealed is confidential. */
const OPEN = /^\/(summary|tags\/\d+|source\/(url|archiveUrl|documentId)|reason|grounds)$/;

/**
 * Opens the open tier of some events. Confidential boxes are counted, not decrypted.
 *
 * @param pointers all that the events committed to
 */
export async function openTierOf(
  db: Database,
  masterKey: MasterKey,
  eventIds: readonly string[],
  pointers: readonly SealedPointer[],
): Promise<Map<string, OpenTier>> {
  const wanted = [...new Set(pointers.map(({ pointer }) => pointer).filter((pointer) => OPEN.test(pointer)))];
  const sealed = eventIds.map((eventId) => ({ eventId }));
  const opened = wanted.length === 0 ? new Map<string, Opened>() : await openSealedOf(db, masterKey, sealed, wanted);
  return new Map(
    eventIds.map((eventId) => {
      const own = pointers.filter((sealedPointer) => sealedPointer.eventId === eventId);
      return [
        eventId,
        {
          ...openedValues(opened.get(eventId)?.values ?? new Map<string, unknown>()),
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

function openedValues(values: ReadonlyMap<string, unknown>): Pick<OpenTier, 'opened' | 'reason' | 'grounds'> {
  const text = (pointer: string): string | null => (values.get(pointer) as string | undefined) ?? null;
  const tags = [...values]
    .filter(([pointer]) => pointer.startsWith('/tags/'))
    .toSorted(([a], [b]) => Number(a.slice(6)) - Number(b.slice(6)))
    .map(([, tag]) => String(tag));
  return {
    opened: {
      summary: text('/summary'),
      tags,
      url: text('/source/url'),
      archiveUrl: text('/source/archiveUrl'),
      documentId: text('/source/documentId'),
    },
    reason: text('/reason'),
    grounds: text('/grounds'),
  };
}
