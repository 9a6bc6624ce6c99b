import { feature as topoFeature } from 'topojson-client';
import { usageError } from '../exit-codes.js';

type Topology = Parameters<typeof topoFeature>[0];

/** One feature of the file, whatever its format. */
export interface RawFeature {
  /** From 1, as the file has them. */
  number: number;
  properties: Record<string, unknown>;
  geometry: unknown;
}

/**
 * The features of a GeoJSON FeatureCollection or of the one object of a TopoJSON topology (`object` names one of several).
 *
 * @throws CommandError with exit code 2 for anything else
 */
export function readFeatures(text: string, file: string, object?: string): RawFeature[] {
  const json = parse(text, file);
  const type = (json as { type?: unknown } | null)?.type;
  const collection = type === 'Topology' ? ofTopology(json as Topology, file, object) : json;
  if (type !== 'FeatureCollection' && type !== 'Topology') {
    throw usageError(
      `${file} is neither a GeoJSON FeatureCollection nor a TopoJSON Topology: its type is ${String(type)}.`,
    );
  }
  refuseOtherCoordinates(json, file);
  const { features } = collection as { features?: unknown };
  if (!Array.isArray(features) || features.length === 0) throw usageError(`${file} has no features.`);
  return features.map((one: unknown, index) => {
    const { properties, geometry } = (one ?? {}) as { properties?: unknown; geometry?: unknown };
    return { number: index + 1, properties: (properties ?? {}) as Record<string, unknown>, geometry };
  });
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw usageError(`${file} is not JSON: ${lineOf(text, (error as Error).message)}.`);
  }
}

/** V8 names the character; people look for the line. */
function lineOf(text: string, message: string): string {
  const at = /at position (\d+)/.exec(message)?.[1];
  if (at === undefined) return message;
  const before = text.slice(0, Number(at)).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${message}`;
}

function ofTopology(topology: Topology, file: string, wanted?: string): unknown {
  const names = Object.keys(topology.objects ?? {});
  const name = wanted ?? (names.length === 1 ? names[0] : undefined);
  const object = name === undefined ? undefined : topology.objects[name];
  if (object === undefined) {
    throw usageError(`${file} has the objects ${names.join(', ') || '(none)'}: name one with --object.`);
  }
  try {
    const found = topoFeature(topology, object);
    return found.type === 'FeatureCollection' ? found : { features: [found] };
  } catch (error) {
    throw usageError(`${file}: its topology cannot be read: ${(error as Error).message}.`);
  }
}

/** GeoJSON is longitude, latitude on WGS 84; older files may name another system, whose numbers would mean other places. */
function refuseOtherCoordinates(json: unknown, file: string): void {
  const name = (json as { crs?: { properties?: { name?: unknown } } }).crs?.properties?.name;
  if (typeof name === 'string' && !/(CRS84|EPSG::?4326)$/i.test(name)) {
    throw usageError(`${file} is in the coordinates ${name}; transform it to WGS 84 (EPSG:4326) first.`);
  }
}
