import type { Caller } from '#app/http-edge';
import { type Database, type MasterKey, type Opened, openSealedOf } from '#app/log';
import type { SealedPointer } from '#app/read-models';
import { Logger } from '@nestjs/common';

/** Committed values of one event, as far as one caller may see them. */
export interface OpenedValues {
  /** JSON Pointer → value, of the open tier. */
  values: ReadonlyMap<string, unknown>;
  /** JSON Pointer → value, of the confidential tier; null for a caller who may not see it. */
  confidential: Readonly<Record<string, unknown>> | null;
  /** Values that exist and are not shown. */
  withheld: number;
  /** Pointers of values that were erased. */
  erased: string[];
}

export interface Opening {
  /** All that the events committed to. */
  pointers: readonly SealedPointer[];
  /** Pointers that every reader may see (architecture §2); everything else is confidential. */
  open: RegExp;
  caller: Pick<Caller, 'seesConfidential' | 'subject'>;
}

const log = new Logger('confidential');

/** Opens committed values of some events. What the caller may not see is counted, not decrypted. */
export async function openValues(
  db: Database,
  masterKey: MasterKey,
  eventIds: readonly string[],
  { pointers, open, caller }: Opening,
): Promise<Map<string, OpenedValues>> {
  const { seesConfidential } = caller;
  const isShown = ({ pointer }: SealedPointer): boolean => seesConfidential || open.test(pointer);
  const wanted = [...new Set(pointers.filter(isShown).map(({ pointer }) => pointer))];
  const sealed = eventIds.map((eventId) => ({ eventId }));
  const opened = wanted.length === 0 ? new Map<string, Opened>() : await openSealedOf(db, masterKey, sealed, wanted);
  const byEvent = new Map<string, SealedPointer[]>(eventIds.map((eventId) => [eventId, []]));
  for (const pointer of pointers) byEvent.get(pointer.eventId)?.push(pointer);
  const found = new Map(
    eventIds.map((eventId): [string, OpenedValues] => {
      const values = [...(opened.get(eventId)?.values ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
      const own = byEvent.get(eventId) ?? [];
      return [
        eventId,
        {
          values: new Map(values.filter(([pointer]) => open.test(pointer))),
          confidential: seesConfidential ? Object.fromEntries(values.filter(([pointer]) => !open.test(pointer))) : null,
          withheld: own.filter((pointer) => !pointer.isErased && !isShown(pointer)).length,
          erased: own
            .filter(({ isErased }) => isErased)
            .map(({ pointer }) => pointer)
            .toSorted(),
        },
      ];
    }),
  );
  tell(found, caller);
  return found;
}

/** Who saw what is confidential can be asked for afterwards: the events, never the values. */
function tell(found: ReadonlyMap<string, OpenedValues>, { subject }: Pick<Caller, 'subject'>): void {
  const shown = [...found].filter(([, { confidential }]) => Object.keys(confidential ?? {}).length > 0);
  if (shown.length === 0) return;
  log.log({ msg: 'confidential values were shown', subject, events: shown.map(([eventId]) => eventId) });
}
