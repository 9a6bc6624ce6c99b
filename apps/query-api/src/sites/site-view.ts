import { type ClaimedValue, unallocatedOf } from '#app/domain';
import type { CsvColumn } from '#app/http-edge';
import type { OfficialRecord } from '#app/read-models';
import { foundArea, type FoundArea } from '../official/areas.js';
import { officialDto, partDtos, type Showing, valueDto } from '../official/official-view.js';
import type { IntervalDto, PublishedValueDto } from '../official/official.dto.js';
import type { OpenedValues } from '../opening/open-values.js';
import type { SiteDto } from './sites.dto.js';

export function siteDto(
  record: OfficialRecord<'SITE'>,
  opened: OpenedValues | undefined,
  showing: Showing,
): Pick<SiteDto, keyof SiteDto> {
  const { siteRef, kind, area, count, breakdown, victims, bodiesExhumed, eventPeriod, discovered } = record.body;
  const parts = (breakdown ?? []).map(({ value }) => value);
  return {
    ...officialDto(record, opened),
    siteRef,
    kind,
    area: foundArea(showing.set, area.code),
    count: valueDto(count, showing),
    breakdown: partDtos(breakdown, showing),
    unallocated: unallocatedOf(count, parts, showing.policy),
    victims: optional(victims, showing),
    bodiesExhumed: optional(bodiesExhumed, showing),
    eventPeriod: eventPeriod ?? null,
    discovered: discovered ?? null,
  };
}

function optional(value: ClaimedValue | null | undefined, showing: Showing): PublishedValueDto | null {
  return value == null ? null : valueDto(value, showing);
}

interface SiteRow {
  site: SiteDto;
  part: 'TOTAL' | 'AREA' | 'UNALLOCATED';
  area: FoundArea;
  value: IntervalDto;
}

/** Long form: the whole, each area that it is broken down to, and what is left over. */
export function siteRows(site: SiteDto): SiteRow[] {
  return [
    { site, part: 'TOTAL', area: site.area, value: site.count },
    ...site.breakdown.map(({ area, value }): SiteRow => ({ site, part: 'AREA', area, value })),
    { site, part: 'UNALLOCATED', area: site.area, value: site.unallocated },
  ];
}

const column = (name: string, hxl: string, value: (row: SiteRow) => string | number | null | undefined) => {
  return { name, hxl, value } satisfies CsvColumn<SiteRow>;
};

/** Victims and bodies are of the whole, so they stand in its row alone. */
const ofWhole =
  (value: (site: SiteDto) => number | null | undefined) =>
  ({ site, part }: SiteRow): number | null | undefined =>
    part === 'TOTAL' ? value(site) : null;

export const SITE_COLUMNS: readonly CsvColumn<SiteRow>[] = [
  column('site_ref', '#meta+id', ({ site }) => site.siteRef),
  column('source', '#meta+source', ({ site }) => site.source),
  column('publisher', '#org+publisher', ({ site }) => site.publisher.name),
  column('kind', '#loc+type', ({ site }) => site.kind),
  column('part', '#meta+part', ({ part }) => part),
  column('region_code', '#geo+code', ({ area }) => area.region ?? area.code),
  column('region_name', '#geo+name', ({ area }) => area.name),
  column('sites_lo', '#loc+num+min', ({ value }) => value.lo),
  column('sites_hi', '#loc+num+max', ({ value }) => value.hi),
  column(
    'victims_lo',
    '#affected+victims+min',
    ofWhole(({ victims }) => victims?.lo),
  ),
  column(
    'victims_hi',
    '#affected+victims+max',
    ofWhole(({ victims }) => victims?.hi),
  ),
  column(
    'bodies_exhumed_lo',
    '#affected+exhumed+min',
    ofWhole(({ bodiesExhumed }) => bodiesExhumed?.lo),
  ),
  column(
    'bodies_exhumed_hi',
    '#affected+exhumed+max',
    ofWhole(({ bodiesExhumed }) => bodiesExhumed?.hi),
  ),
  column('event_start', '#date+start', ({ site }) => site.eventPeriod?.start),
  column('event_end', '#date+end', ({ site }) => site.eventPeriod?.end),
  column('discovered', '#date+discovered', ({ site }) => site.discovered),
  column('published_at', '#date+published', ({ site }) => site.publishedAt),
  column('url', '#meta+url', ({ site }) => site.url),
  column('position', '#meta+position', ({ site }) => site.position),
  column('withheld', '#meta+withheld+num', ({ site }) => site.withheld),
];
