import {
  type AreaValue,
  type ClaimedValue,
  type ConversionPolicy,
  intervalOf,
  type Party,
  type PublicAggregate,
} from '#app/domain';
import type { BoundarySet } from '#app/geography';
import type { OfficialRecord, OfficialRecordKind } from '#app/read-models';
import { foundArea } from './areas.js';
import type { AreaPartDto, OfficialDto, PublishedValueDto } from './official.dto.js';
import type { OpenedValues } from '../opening/open-values.js';

/** What published things are shown by: the boundary set of the answer, and what vague words mean at its position. */
export interface Showing {
  set: BoundarySet;
  policy: ConversionPolicy;
}

export function valueDto(value: ClaimedValue, { policy }: Pick<Showing, 'policy'>): Plain<PublishedValueDto> {
  const { lo, hi } = intervalOf(value, policy);
  return { qualifier: value.qualifier, lo, hi, point: value.point ?? null, phrase: value.phrase ?? null };
}

export function partDtos(parts: readonly AreaValue[] | null | undefined, showing: Showing): AreaPartDto[] {
  return (parts ?? []).map(({ area, value }) => ({
    area: foundArea(showing.set, area.code),
    value: valueDto(value, showing),
  }));
}

/** The members alone: an object that can be spread. */
export type Plain<T> = Pick<T, keyof T>;

export function partyDto({ name, kind }: Party): Party {
  return { name, kind };
}

/** The members that every published thing has. */
export function officialDto<K extends OfficialRecordKind>(
  { id, source, position, eventId, body }: OfficialRecord<K>,
  opened: OpenedValues | undefined,
): Pick<OfficialDto, keyof OfficialDto> {
  const outlet: PublicAggregate['source'] = body.source;
  const text = (pointer: string): string | null => (opened?.values.get(pointer) as string | undefined) ?? null;
  return {
    id,
    source,
    publisher: partyDto(body.publisher),
    publishedAt: body.publishedAt ?? null,
    outlet: outlet ?? null,
    url: text('/source/url'),
    archiveUrl: text('/source/archiveUrl'),
    documentId: text('/source/documentId'),
    confidential: opened?.confidential ?? null,
    withheld: opened?.withheld ?? 0,
    erased: opened?.erased ?? [],
    position,
    eventId,
  };
}
