import { foldAreaName, foldName, wordsOf } from './names.js';
import type { Region, RegionLevel } from './regions.js';
import { remembering } from './remember.js';

/** Areas by country, level and folded name. */
export class AreaNames {
  private readonly byKey = new Map<string, Region[]>();
  private readonly named = remembering((key) => {
    const [country = '', level = '', ...name] = key.split('/');
    return this.look(`${country}/${level}/`, name.join('/'));
  });

  constructor(areas: readonly Region[]) {
    for (const area of areas) {
      for (const name of area.names) {
        put(this.byKey, `${area.country}/${area.level}/=${foldName(name)}`, area);
        put(this.byKey, `${area.country}/${area.level}/~${foldAreaName(name)}`, area);
      }
    }
  }

  /** The areas of a country and level with this name: those that have it whole, else those that have its own words. */
  find(country: string, level: RegionLevel, name: string): readonly Region[] {
    return this.named(`${country}/${level}/${name}`);
  }

  private look(key: string, name: string): readonly Region[] {
    if (wordsOf(name).length === 0) return [];
    const whole = this.byKey.get(`${key}=${foldName(name)}`) ?? [];
    if (whole.length === 1) return whole;
    const own = this.byKey.get(`${key}~${foldAreaName(name)}`) ?? [];
    return own.length === 1 || whole.length === 0 ? own : whole;
  }
}

/** A name that areas of several levels have means the first of these. */
const FINDING_ORDER: readonly RegionLevel[] = ['COUNTRY', 'ADMIN1', 'GROUP', 'ADMIN2', 'ADMIN3', 'PLACE'];

/** Areas by folded name alone, for readers, who name no country or level. */
export class ReadersNames {
  private readonly whole = new Map<string, Region[]>();
  private readonly own = new Map<string, Region[]>();

  constructor(areas: readonly Region[]) {
    for (const area of areas) {
      for (const name of area.names) {
        put(this.whole, foldName(name), area);
        put(this.own, foldAreaName(name), area);
      }
    }
  }

  /** The only area with this name at the coarsest level that has one; null when it has several. */
  find(name: string): Region | null {
    return only(this.whole.get(foldName(name)) ?? []) ?? only(this.own.get(foldAreaName(name)) ?? []);
  }
}

function only(areas: readonly Region[]): Region | null {
  for (const level of FINDING_ORDER) {
    const [area, another] = areas.filter((one) => one.level === level);
    if (area !== undefined) return another === undefined ? area : null;
  }
  return null;
}

function put(index: Map<string, Region[]>, key: string, area: Region): void {
  const found = index.get(key);
  if (found === undefined) index.set(key, [area]);
  else if (!found.includes(area)) found.push(area);
}
