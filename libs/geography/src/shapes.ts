/** Polygons with their holes, as GeoJSON's MultiPolygon has them: longitude, latitude in degrees. */
export type Polygons = [longitude: number, latitude: number][][][];
/** west, south, east, north in degrees. */
export type Box = [west: number, south: number, east: number, north: number];

/** A tenth of a metre: finer than any boundary is surveyed. */
const SCALE = 1e6;

/** Why a geometry cannot be the area of anything, in plain words. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/**
 * Compact text of an area: per polygon its rings, per ring whole millionths of a degree, each point as the difference to
 * the one before, without the closing point. The same area gives the same text.
 *
 * @throws ShapeError for what is no polygon on the globe
 */
export function encodeShape(geometry: unknown): string {
  return JSON.stringify(polygonsOf(geometry).map((polygon) => polygon.map(encodeRing)));
}

export function decodeShape(text: string): Polygons {
  return (JSON.parse(text) as number[][][]).map((polygon) => polygon.map(decodeRing));
}

export function boxOf(polygons: Polygons): Box {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [outer] of polygons) {
    for (const [x, y] of outer ?? []) {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  return box;
}

function polygonsOf(geometry: unknown): unknown[][] {
  const { type, coordinates } = (geometry ?? {}) as { type?: unknown; coordinates?: unknown };
  const polygons = type === 'Polygon' ? [coordinates] : type === 'MultiPolygon' ? coordinates : null;
  if (!Array.isArray(polygons))
    throw new ShapeError(
      `its geometry is ${typeof type === 'string' ? type : 'missing'}, not a Polygon or MultiPolygon`,
    );
  if (polygons.length === 0) throw new ShapeError('its geometry is empty');
  for (const polygon of polygons) {
    if (!Array.isArray(polygon) || polygon.length === 0) throw new ShapeError('a polygon has no ring');
  }
  return polygons as unknown[][];
}

function encodeRing(ring: unknown): number[] {
  if (!Array.isArray(ring) || ring.length < 4) throw new ShapeError('a ring has fewer than four points');
  const flat: number[] = [];
  let [lastX, lastY] = [0, 0];
  for (const point of ring as unknown[]) {
    const [x, y] = wholePoint(point);
    if (flat.length > 0 && x === lastX && y === lastY) continue;
    flat.push(x - lastX, y - lastY);
    [lastX, lastY] = [x, y];
  }
  const [first, last] = [wholePoint(ring[0]), wholePoint(ring.at(-1))];
  if (first[0] !== last[0] || first[1] !== last[1])
    throw new ShapeError('a ring is not closed: its last point is not its first');
  if (flat.length > 2 && lastX === first[0] && lastY === first[1]) flat.length -= 2;
  return flat;
}

function wholePoint(point: unknown): [number, number] {
  const [x, y] = Array.isArray(point) ? (point as unknown[]) : [];
  if (typeof x !== 'number' || typeof y !== 'number' || !(Math.abs(x) <= 180) || !(Math.abs(y) <= 90)) {
    throw new ShapeError('a point is not longitude, latitude in degrees');
  }
  return [Math.round(x * SCALE), Math.round(y * SCALE)];
}

function decodeRing(flat: number[]): [number, number][] {
  const points: [number, number][] = [];
  let [x, y] = [0, 0];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    x += flat[index] as number;
    y += flat[index + 1] as number;
    points.push([x / SCALE, y / SCALE]);
  }
  if (points.length > 0) points.push([...(points[0] as [number, number])]);
  return points;
}
