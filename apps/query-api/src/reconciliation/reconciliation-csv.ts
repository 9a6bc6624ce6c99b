import type { CsvColumn } from '#app/http-edge';
import type { AsOfDto } from '../asking/as-of.dto.js';
import type { FoundArea } from '../official/areas.js';
import type { IntervalDto } from '../official/official.dto.js';
import type { AmountDto, ComparisonDto, RecordedDto } from './reconciliation.dto.js';

export interface ComparisonRow {
  comparison: ComparisonDto;
  part: 'AREA' | 'NOT_ALLOCATED' | 'TOTAL';
  area: FoundArea;
  official: IntervalDto | null;
  recorded: RecordedDto;
  residual: AmountDto | null;
  estimator: string | null;
  asOf: AsOfDto;
}

/** Long form: each area, what is not allocated on either side, and the whole. */
export function comparisonRows(comparison: ComparisonDto, estimator: string | null, asOf: AsOfDto): ComparisonRow[] {
  const { areas, area, notAllocated, official, recorded, residual } = comparison;
  const rest = { comparison, estimator, asOf };
  return [
    ...areas.map(
      (row): ComparisonRow => ({
        ...rest,
        part: 'AREA',
        area: row.area,
        official: row.official,
        recorded: row.recorded,
        residual: row.residual,
      }),
    ),
    {
      ...rest,
      part: 'NOT_ALLOCATED',
      area,
      official: notAllocated.official,
      recorded: notAllocated.recorded,
      residual: null,
    },
    { ...rest, part: 'TOTAL', area, official, recorded, residual },
  ];
}

const column = (name: string, hxl: string, value: (row: ComparisonRow) => string | number | null | undefined) => {
  return { name, hxl, value } satisfies CsvColumn<ComparisonRow>;
};

const differenceCodes = ({ comparison, part }: ComparisonRow): string | null =>
  part === 'TOTAL' ? [...new Set(comparison.differences.map(({ code }) => code))].join('|') : null;

export const RECONCILIATION_COLUMNS: readonly CsvColumn<ComparisonRow>[] = [
  column('series', '#meta+series', ({ comparison }) => comparison.series),
  column('source', '#meta+source', ({ comparison }) => comparison.source),
  column('indicator', '#indicator+name', ({ comparison }) => comparison.indicator),
  column('status_definition', '#indicator+status', ({ comparison }) => comparison.statusDefinition),
  column('police_non_combat', '#indicator+police', ({ comparison }) => comparison.policeNonCombat),
  column('period_start', '#date+start', ({ comparison }) => comparison.period.start),
  column('period_end', '#date+end', ({ comparison }) => comparison.period.end),
  column('part', '#meta+part', ({ part }) => part),
  column('region_code', '#geo+code', ({ area }) => area.region ?? area.code),
  column('region_name', '#geo+name', ({ area }) => area.name),
  column('boundary', '#meta+boundary', ({ asOf }) => asOf.boundary),
  column('official_lo', '#affected+official+min', ({ official }) => official?.lo),
  column('official_hi', '#affected+official+max', ({ official }) => official?.hi),
  column('incidents', '#event+num', ({ recorded }) => recorded.incidents),
  column('recorded_lo', '#affected+recorded+min', ({ recorded }) => recorded.together.lo),
  column('recorded_hi', '#affected+recorded+max', ({ recorded }) => recorded.together.hi),
  column('recorded_point', '#affected+recorded+point', ({ recorded }) => recorded.together.point),
  column('estimator', '#meta+estimator', ({ estimator }) => estimator),
  column('open_incidents', '#event+num+open', ({ recorded }) => recorded.openIncidents),
  column('unknown_incidents', '#event+num+unknown', ({ recorded }) => recorded.unknownIncidents),
  column('silent_incidents', '#event+num+silent', ({ recorded }) => recorded.silentIncidents),
  column('residual_lo', '#affected+residual+min', ({ residual }) => residual?.lo),
  column('residual_hi', '#affected+residual+max', ({ residual }) => residual?.hi),
  column('residual_point', '#affected+residual+point', ({ residual }) => residual?.point),
  column('differences', '#meta+differences', differenceCodes),
  column('withheld', '#meta+withheld+num', ({ comparison }) => comparison.official.withheld),
  column('as_of_position', '#meta+position', ({ asOf }) => asOf.position),
];
