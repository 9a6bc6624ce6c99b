import { AreaNames, ReadersNames } from './area-names.js';
import { findByCode, findCountry } from './find-region.js';
import { wordsOf } from './names.js';
import { PointIndex } from './point-index.js';
import { remembering } from './remember.js';
import { childrenOfRegion, type Region, regions } from './regions.js';

/** The boundary set that is always there: ISO 3166 and the places of the starting document, without polygons. */
export const BOUNDARY_SET = 'iso-3166';

/** What a set consists of, in a fixed order: the SHA-256 of its RFC 8785 form is recorded when it is activated. */
export interface BoundarySetData {
  boundarySet: string;
  regions: readonly Region[];
}

export function boundarySetData(): BoundarySetData {
  return { boundarySet: BOUNDARY_SET, regions: regions() };
}

/** COD-AB P-codes begin with those of the areas above: IQG15Q05N02, IQG15Q05, IQG15. */
const PCODE_ABOVE = /^([A-Z]{2,3}.*?\d{2})(?:Q\d+|N\d+)$/;

/** The areas of one boundary set, found by code, by name and by point. Nothing in it changes. */
export class BoundarySet {
  private readonly byCode: ReadonlyMap<string, Region>;
  private readonly aliases = new Map<string, Region>();
  private readonly below = new Map<string, Region[]>();
  private readonly points: PointIndex;
  /** Made for the first reader: who only places never asks. */
  private readersNames: ReadersNames | null = null;
  private readonly coded = remembering((code) => this.lookUp(code));
  readonly names: AreaNames;
  readonly areas: readonly Region[];

  /** @param shapes encoded shape (`encodeShape`) by area code */
  constructor(
    readonly name: string,
    areas: readonly Region[],
    shapes: ReadonlyMap<string, string> = new Map(),
  ) {
    this.areas = areas.toSorted((a, b) => (a.code < b.code ? -1 : 1));
    this.byCode = new Map(this.areas.map((area) => [area.code, area]));
    for (const area of this.areas) {
      for (const { scheme, code } of area.codes) {
        if (scheme !== 'GW' && scheme !== 'ISO-3166-1-NUMERIC') this.aliases.set(code.toUpperCase(), area);
      }
      if (area.parent !== null) push(this.below, area.parent, area);
    }
    this.names = new AreaNames(this.areas);
    this.points = new PointIndex(this.areas, shapes);
  }

  get hasPoints(): boolean {
    return !this.points.isEmpty;
  }

  /** The area with exactly this code. */
  area(code: string): Region | null {
    return this.byCode.get(code) ?? null;
  }

  /** The areas directly below, by code. */
  children(code: string): readonly Region[] {
    return this.below.get(code) ?? [];
  }

  /** The area itself, then what holds it, up to the country. */
  path(area: Region): Region[] {
    const path: Region[] = [];
    for (
      let at: Region | null = area;
      at !== null && !path.includes(at);
      at = at.parent === null ? null : this.area(at.parent)
    ) {
      path.push(at);
    }
    return path;
  }

  /** The area of a code in any scheme that the set or ISO 3166 knows (`IQ-NI` is IQG15 in a set of P-codes). */
  findCode(code: string): Region | null {
    return this.coded(code);
  }

  private lookUp(code: string): Region | null {
    const wanted = code.trim();
    const own =
      this.byCode.get(wanted) ?? this.byCode.get(wanted.toLowerCase()) ?? this.aliases.get(wanted.toUpperCase());
    if (own !== undefined) return own;
    const iso = findByCode(wanted);
    if (iso === null) return null;
    const same = [iso.code, ...iso.codes.filter(({ scheme }) => scheme !== 'GW').map((one) => one.code)];
    for (const candidate of same) {
      const found = this.byCode.get(candidate) ?? this.aliases.get(candidate.toUpperCase());
      if (found !== undefined) return found;
    }
    return null;
  }

  /** As `findCode`; for a P-code that the set does not have, the area above it that it has. */
  findCodeOrAbove(code: string): Region | null {
    let wanted = code.trim().toUpperCase();
    for (;;) {
      const found = this.findCode(wanted);
      const above = PCODE_ABOVE.exec(wanted)?.[1];
      if (found !== null || above === undefined) return found;
      wanted = above;
    }
  }

  /** The area that a reader asks for: by code, else by a name that only one area of the coarsest level with it has. */
  find(codeOrName: string): Region | null {
    const coded = this.findCode(codeOrName);
    if (coded !== null || wordsOf(codeOrName).length === 0) return coded;
    this.readersNames ??= new ReadersNames(this.areas);
    const country = findCountry(codeOrName);
    return this.readersNames.find(codeOrName) ?? (country && this.findCode(country.code));
  }

  /** The finest area down to a depth (0 country … 3 third level) whose polygons hold the point. */
  areaAt(longitude: number, latitude: number, depth: number): Region | null {
    return this.points.areaAt(longitude, latitude, depth);
  }

  /** The areas that a region stands for: itself, or those of this set that a built-in group holds. None for a place. */
  standsFor(region: Region): Region[] {
    if (region.level === 'PLACE') return [];
    if (region.level === 'GROUP') {
      const codes = region.members ?? childrenOfRegion(region.code).map(({ code }) => code);
      return codes.flatMap((code) => {
        const area = this.findCode(code);
        return area === null ? [] : this.standsFor(area);
      });
    }
    return [region];
  }
}

function push(map: Map<string, Region[]>, key: string, region: Region): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [region]);
  else list.push(region);
}
