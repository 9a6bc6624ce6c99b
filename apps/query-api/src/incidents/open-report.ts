import type { OpenedValues } from '../opening/open-values.js';
import type { OpenedDto } from './incident-detail.dto.js';

/** What every reader may see of a report or a decision (architecture §2). */
export const OPEN_OF_REPORTS = /^\/(summary|tags\/\d+|source\/(url|archiveUrl|documentId)|reason|grounds)$/;

/** The open tier of a report. */
export function openedDto(opened: OpenedValues | undefined): OpenedDto {
  const tags = [...(opened?.values ?? [])]
    .filter(([pointer]) => pointer.startsWith('/tags/'))
    .toSorted(([a], [b]) => Number(a.slice(6)) - Number(b.slice(6)))
    .map(([, tag]) => String(tag));
  return {
    summary: openText(opened, '/summary'),
    tags,
    url: openText(opened, '/source/url'),
    archiveUrl: openText(opened, '/source/archiveUrl'),
    documentId: openText(opened, '/source/documentId'),
  };
}

/** A text of the open tier; null where there is none, or it was erased. */
export function openText(opened: OpenedValues | undefined, pointer: string): string | null {
  return (opened?.values.get(pointer) as string | undefined) ?? null;
}
