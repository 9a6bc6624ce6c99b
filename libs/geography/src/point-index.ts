import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import Flatbush from 'flatbush';
import type { Region } from './regions.js';
import { remembering } from './remember.js';
import { boxOf, decodeShape, type Polygons } from './shapes.js';

/** Decoded polygons take many times their text: those of the areas asked for last are kept. */
const DECODED_MAX = 400;
const DEPTH: Partial<Record<Region['level'], number>> = { COUNTRY: 0, ADMIN1: 1, ADMIN2: 2, ADMIN3: 3 };

/** Which areas hold a point: their boxes in a packed R-tree, then their polygons with holes. */
export class PointIndex {
  private readonly tree: Flatbush | null;
  private readonly areas: readonly Region[];
  private readonly decoded = new Map<string, Polygons>();
  private readonly found = remembering((key) => {
    const [longitude, latitude, depth] = key.split(' ').map(Number) as [number, number, number];
    return this.look(longitude, latitude, depth);
  });

  /** @param shapes encoded shape by area code; areas without one hold no point */
  constructor(
    areas: readonly Region[],
    private readonly shapes: ReadonlyMap<string, string>,
  ) {
    this.areas = areas.filter(({ code }) => shapes.has(code));
    this.tree = this.areas.length === 0 ? null : new Flatbush(this.areas.length);
    for (const { code } of this.areas) this.tree?.add(...boxOf(decodeShape(shapes.get(code) as string)));
    this.tree?.finish();
  }

  get isEmpty(): boolean {
    return this.tree === null;
  }

  /**
   * The finest area not below a level that holds the point; on a border the one whose code comes first. Null: none.
   *
   * @param depth 0 country … 3 third level
   */
  areaAt(longitude: number, latitude: number, depth: number): Region | null {
    return this.tree === null ? null : this.found(`${longitude} ${latitude} ${depth}`);
  }

  private look(longitude: number, latitude: number, depth: number): Region | null {
    if (this.tree === null) return null;
    const near = this.tree
      .search(longitude, latitude, longitude, latitude)
      .map((index) => this.areas[index] as Region)
      .filter(({ level }) => (DEPTH[level] ?? 9) <= depth)
      .toSorted((a, b) => (DEPTH[b.level] ?? 0) - (DEPTH[a.level] ?? 0) || (a.code < b.code ? -1 : 1));
    return near.find(({ code }) => this.holds(code, [longitude, latitude])) ?? null;
  }

  private holds(code: string, point: [number, number]): boolean {
    const coordinates = this.polygonsOf(code);
    return booleanPointInPolygon(point, { type: 'MultiPolygon', coordinates });
  }

  private polygonsOf(code: string): Polygons {
    let polygons = this.decoded.get(code);
    if (polygons === undefined) {
      polygons = decodeShape(this.shapes.get(code) as string);
    } else {
      this.decoded.delete(code);
    }
    this.decoded.set(code, polygons);
    for (const oldest of this.decoded.keys()) {
      if (this.decoded.size <= DECODED_MAX) break;
      this.decoded.delete(oldest);
    }
    return polygons;
  }
}
