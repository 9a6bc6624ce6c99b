import type { CsvColumn } from '#app/http-edge';
import type { Dimension, MeasureSums } from '#app/read-models';
import type { AsOfDto } from '../asking/as-of.dto.js';
import { areaName } from '../regions/gazetteer.js';
import type { GroupKeyDto } from './casualties.dto.js';
import type { CasualtyGroup } from './get-casualties.handler.js';

interface CasualtyRow {
  group: GroupKeyDto;
  measure: string;
  status: string;
  incidents: number;
  sums: MeasureSums;
  estimator: string | null;
  asOf: AsOfDto;
}

/** The columns of contract §3, in its order. */
const COLUMNS: readonly CsvColumn<CasualtyRow>[] = [
  { name: 'period', hxl: '#date+period', value: ({ group }) => group.period?.key },
  { name: 'region_code', hxl: '#geo+code', value: ({ group }) => group.region?.code ?? group.region?.placedOnlyTo },
  { name: 'region_name', hxl: '#geo+name', value: ({ group }) => regionName(group) },
  { name: 'boundary', hxl: '#meta+boundary', value: ({ asOf }) => asOf.boundary },
  { name: 'measure', hxl: '#indicator+measure', value: ({ measure }) => measure },
  { name: 'status', hxl: '#indicator+status', value: ({ status }) => status },
  { name: 'incidents', hxl: '#event+num', value: ({ incidents }) => incidents },
  { name: 'lo', hxl: '#affected+min+num', value: ({ sums }) => sums.lo },
  { name: 'hi', hxl: '#affected+max+num', value: ({ sums }) => sums.hi },
  { name: 'hi_known', hxl: '#affected+known+max+num', value: ({ sums }) => sums.hiKnown },
  { name: 'open_incidents', hxl: '#event+num+open', value: ({ sums }) => sums.openIncidents },
  { name: 'unknown_incidents', hxl: '#event+num+unknown', value: ({ sums }) => sums.unknownIncidents },
  { name: 'silent_incidents', hxl: '#event+num+silent', value: ({ sums }) => sums.silentIncidents },
  { name: 'estimator', hxl: '#meta+estimator', value: ({ estimator }) => estimator },
  { name: 'point', hxl: '#affected+num+point', value: ({ sums }) => sums.point },
  { name: 'as_of_position', hxl: '#meta+position', value: ({ asOf }) => asOf.position },
];

/** Columns for groupings that those of the contract have no place for; they follow it, and only when asked for. */
const FURTHER: readonly [Dimension, CsvColumn<CasualtyRow>][] = [
  ['incidentType', { name: 'incident_type', hxl: '#event+type', value: ({ group }) => group.incidentType }],
  ['weapon', { name: 'weapon', hxl: '#event+weapon', value: ({ group }) => group.weapon }],
  ['publisher', { name: 'publisher', hxl: '#meta+source', value: ({ group }) => group.publisher }],
  ['verification', { name: 'verification', hxl: '#status+verification', value: ({ group }) => group.verification }],
];

export function casualtyColumns(dimensions: readonly Dimension[]): CsvColumn<CasualtyRow>[] {
  const further = FURTHER.filter(([dimension]) => dimensions.includes(dimension)).map(([, column]) => column);
  return [...COLUMNS, ...further];
}

export interface CsvContext {
  /** The victim statuses asked for: what the column says where figures are not grouped by it. */
  statuses: readonly string[];
  estimator: string | null;
  asOf: AsOfDto;
}

/** Long form: one row per group and measure. */
export function casualtyRows(groups: readonly CasualtyGroup[], context: CsvContext): CasualtyRow[] {
  const { estimator, asOf, statuses } = context;
  return groups.flatMap(({ group, incidents, measures }) =>
    Object.entries(measures).map(([measure, sums]) => ({
      group,
      measure,
      status: group.status ?? (statuses.length === 0 ? 'TOTAL' : statuses.join(' ')),
      incidents,
      sums,
      estimator,
      asOf,
    })),
  );
}

function regionName({ region }: GroupKeyDto): string | undefined {
  if (region === undefined) return undefined;
  if (region.name !== null) return region.name;
  if (region.placedOnlyTo === null) return 'not placed';
  return `${areaName(region.placedOnlyTo) ?? region.placedOnlyTo} (placed only to it)`;
}
