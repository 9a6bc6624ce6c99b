import {
  type Dimension,
  type FigureCell,
  periodEnd,
  periodKey,
  periodOf,
  type RegionLevel,
  regionLevelOf,
} from '#app/read-models';
import { areaName } from '../regions/gazetteer.js';
import type { GroupKeyDto, PeriodKeyDto, RegionKeyDto } from './casualties.dto.js';

/** The group that a cell belongs to, as it is shown. */
export function groupKey(cell: FigureCell, dimensions: readonly Dimension[]): GroupKeyDto {
  const period = periodOf(dimensions);
  const level = regionLevelOf(dimensions);
  const has = (dimension: Dimension): boolean => dimensions.includes(dimension);
  return {
    ...(period === undefined ? {} : { period: periodKeyDto(period, cell.period) }),
    ...(level === undefined ? {} : { region: regionKey(level, cell) }),
    ...(has('incidentType') ? { incidentType: cell.incidentType } : {}),
    ...(has('weapon') ? { weapon: cell.weapon } : {}),
    ...(has('publisher') ? { publisher: cell.publisher } : {}),
    ...(has('verification') ? { verification: cell.verification } : {}),
  };
}

/** Orders groups by the dimensions in the order in which they were asked for; what is not placed comes last. */
export function sortKey(group: GroupKeyDto, dimensions: readonly Dimension[]): string {
  const last = '\uFFFF';
  return dimensions
    .map((dimension) => {
      if (dimension.startsWith('region:')) return group.region?.code ?? `${last}${group.region?.placedOnlyTo ?? last}`;
      if (group.period?.unit === dimension) return group.period.start ?? last;
      return group[dimension as 'incidentType' | 'weapon' | 'status' | 'publisher' | 'verification'] ?? last;
    })
    .join('\u0000');
}

function periodKeyDto(unit: NonNullable<ReturnType<typeof periodOf>>, start: string | null): PeriodKeyDto {
  if (start === null) return { unit, key: null, start: null, end: null };
  return { unit, key: periodKey(unit, start), start, end: periodEnd(unit, start) };
}

function regionKey(level: RegionLevel, cell: FigureCell): RegionKeyDto {
  const known = { country: cell.country, admin1: cell.admin1, admin2: cell.admin2 };
  const code = known[level];
  if (code !== '') return { level, code, name: areaName(code) ?? code, placedOnlyTo: null };
  const coarser = level === 'admin2' && cell.admin1 !== '' ? cell.admin1 : cell.country;
  return { level, code: null, name: null, placedOnlyTo: coarser === '' || level === 'country' ? null : coarser };
}
