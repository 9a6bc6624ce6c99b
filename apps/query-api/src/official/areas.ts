import { type BoundarySet, isoSet, type Region } from '#app/geography';

/** An area as a publisher names it, and as the boundary set of the answer does. */
export interface FoundArea {
  /** As published. */
  code: string | null;
  /** Code in the boundary set; null when it knows no such area. */
  region: string | null;
  name: string | null;
}

/** Publishers use P-codes, ISO 3166 or other codes for the same area: this is one key for all of them. */
export function areaKey(set: BoundarySet, code: string): string {
  return (set.findCode(code) ?? isoSet.findCode(code))?.code ?? code.trim().toUpperCase();
}

export function isSameArea(a: string, b: string): boolean {
  return areaKey(isoSet, a) === areaKey(isoSet, b);
}

export function foundArea(set: BoundarySet, code: string): FoundArea {
  const region = set.findCode(code);
  return { code, region: region?.code ?? null, name: (region ?? isoSet.findCode(code))?.name ?? null };
}

/** Whether an area is another one or lies in it, as the set has it. */
export function isWithin(set: BoundarySet, code: string, container: string): boolean {
  const key = areaKey(set, container);
  if (areaKey(set, code) === key) return true;
  const region = set.findCode(code);
  return region !== null && set.path(region).some((area) => area.code === key);
}

/** Countries first, then groups, then what lies below: of the areas of one series the widest is its whole. */
export function levelOf(set: BoundarySet, code: string): number {
  const region = set.findCode(code);
  return region === null ? LEVELS.length : LEVELS.indexOf(region.level);
}
const LEVELS: Region['level'][] = ['COUNTRY', 'GROUP', 'ADMIN1', 'ADMIN2', 'ADMIN3', 'PLACE'];
