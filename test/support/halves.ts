import type { BoundarySetContent } from '#app/gazetteer';
import { encodeShape, type Region } from '#app/geography';

/** A boundary set of Iraq as two first-level areas that meet at a meridian. */
export function halves(
  name: string,
  { west = 'WEST', east = 'EAST', meridian = 43.5 }: { west?: string; east?: string; meridian?: number },
): BoundarySetContent {
  const areas = [
    area('IQ', 'COUNTRY', null, null),
    area(west, 'ADMIN1', 'IQ', box(38, meridian)),
    area(east, 'ADMIN1', 'IQ', box(meridian, 49)),
  ];
  return { name, derivedFrom: null, validFrom: null, validTo: null, areas };
}

function box(west: number, east: number): string {
  return encodeShape({
    type: 'Polygon',
    coordinates: [
      [
        [west, 30],
        [east, 30],
        [east, 38],
        [west, 38],
        [west, 30],
      ],
    ],
  });
}

function area(
  code: string,
  level: Region['level'],
  parent: string | null,
  shape: string | null,
): BoundarySetContent['areas'][number] {
  return { code, level, name: code, names: [code], parent, country: 'IQ', codes: [], claims: [], shape };
}
