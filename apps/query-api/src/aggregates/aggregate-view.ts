import { unallocatedOf } from '#app/domain';
import type { BoundarySet } from '#app/geography';
import type { CsvColumn } from '#app/http-edge';
import type { OfficialRecord } from '#app/read-models';
import { foundArea, type FoundArea } from '../official/areas.js';
import { officialDto, partDtos, type Showing, valueDto } from '../official/official-view.js';
import type { IntervalDto } from '../official/official.dto.js';
import type { OpenedValues } from '../opening/open-values.js';
import { assertionDto } from '../trends/trend-view.js';
import type { AggregateDto, ExclusionDto, RecordsDto } from './aggregates.dto.js';

export interface AggregateContext {
  opened: OpenedValues | undefined;
  showing: Showing;
  records: RecordsDto;
  assertions: readonly OfficialRecord<'TREND'>[];
}

export function aggregateDto(
  record: OfficialRecord<'AGGREGATE'>,
  { opened, showing, records, assertions }: AggregateContext,
): Pick<AggregateDto, keyof AggregateDto> {
  const { seriesId, kind, indicator, statusDefinition, period, area, value, breakdown } = record.body;
  const parts = (breakdown ?? []).map((part) => part.value);
  return {
    ...officialDto(record, opened),
    series: seriesId,
    kind,
    indicator,
    statusDefinition,
    period: { start: period.start, end: period.end },
    area: foundArea(showing.set, area.code),
    value: valueDto(value, showing),
    breakdown: partDtos(breakdown, showing),
    unallocated: unallocatedOf(value, parts, showing.policy),
    dataCutoff: record.body.dataCutoff ?? null,
    coverageExclusions: exclusionDtos(record, opened, showing.set),
    verification: record.body.verification ?? null,
    revisionOf: record.body.revisionOf ?? null,
    records,
    assertions: assertions.map(assertionDto),
  };
}

export function exclusionDtos(
  { body }: OfficialRecord<'AGGREGATE'>,
  opened: OpenedValues | undefined,
  set: BoundarySet,
): ExclusionDto[] {
  return (body.coverageExclusions ?? []).map(({ code }, index) => ({
    area: foundArea(set, code),
    reason: (opened?.values.get(`/coverageExclusions/${index}/reason`) as string | undefined) ?? null,
  }));
}

interface AggregateRow {
  aggregate: AggregateDto;
  part: 'TOTAL' | 'AREA' | 'UNALLOCATED';
  area: FoundArea;
  value: IntervalDto & { qualifier?: string; point?: number | null };
}

/** Long form: the whole, each area that it is broken down to, and what is left over. */
export function aggregateRows(aggregate: AggregateDto): AggregateRow[] {
  return [
    { aggregate, part: 'TOTAL', area: aggregate.area, value: aggregate.value },
    ...aggregate.breakdown.map(({ area, value }): AggregateRow => ({ aggregate, part: 'AREA', area, value })),
    { aggregate, part: 'UNALLOCATED', area: aggregate.area, value: aggregate.unallocated },
  ];
}

const column = (name: string, hxl: string, value: (row: AggregateRow) => string | number | null | undefined) => {
  return { name, hxl, value } satisfies CsvColumn<AggregateRow>;
};

export const AGGREGATE_COLUMNS: readonly CsvColumn<AggregateRow>[] = [
  column('series', '#meta+series', ({ aggregate }) => aggregate.series),
  column('source', '#meta+source', ({ aggregate }) => aggregate.source),
  column('publisher', '#org+publisher', ({ aggregate }) => aggregate.publisher.name),
  column('kind', '#meta+kind', ({ aggregate }) => aggregate.kind),
  column('indicator', '#indicator+name', ({ aggregate }) => aggregate.indicator),
  column('status_definition', '#indicator+status', ({ aggregate }) => aggregate.statusDefinition),
  column('period_start', '#date+start', ({ aggregate }) => aggregate.period.start),
  column('period_end', '#date+end', ({ aggregate }) => aggregate.period.end),
  column('part', '#meta+part', ({ part }) => part),
  column('region_code', '#geo+code', ({ area }) => area.region ?? area.code),
  column('region_name', '#geo+name', ({ area }) => area.name),
  column('qualifier', '#affected+qualifier', ({ value }) => value.qualifier),
  column('lo', '#affected+min+num', ({ value }) => value.lo),
  column('hi', '#affected+max+num', ({ value }) => value.hi),
  column('point', '#affected+num+point', ({ value }) => value.point),
  column('published_at', '#date+published', ({ aggregate }) => aggregate.publishedAt),
  column('data_cutoff', '#date+cutoff', ({ aggregate }) => aggregate.dataCutoff),
  column('excluded_regions', '#geo+excluded', ({ aggregate }) =>
    aggregate.coverageExclusions.map(({ area }) => area.region ?? area.code ?? '').join('|'),
  ),
  column('verification', '#status+verification', ({ aggregate }) => aggregate.verification),
  column('url', '#meta+url', ({ aggregate }) => aggregate.url),
  column('position', '#meta+position', ({ aggregate }) => aggregate.position),
  column('withheld', '#meta+withheld+num', ({ aggregate }) => aggregate.withheld),
];
