import { existsSync, readFileSync } from 'node:fs';
import { BoundarySet } from '#app/geography';
import { withLevel } from '../../apps/cli/src/gazetteer/combine.js';
import { readFeatures } from '../../apps/cli/src/gazetteer/features.js';
import { type Level, toAreas } from '../../apps/cli/src/gazetteer/to-areas.js';
import type { BoundarySetContent } from '#app/gazetteer';
import { sharedDataPath } from './shared-data.js';

const FILES = ['adm0_cso_itos', 'adm1_cso', 'adm2_cso', 'adm3_cso'];

/** The COD-AB file of Iraq for a level. */
export function codAbFile(level: Level): string {
  return sharedDataPath('boundaries', 'iraq-cod-ab', `irq_admbnda_${FILES[level]}_20190603.geojson`);
}

export const naturalEarthFile = sharedDataPath(
  'boundaries',
  'natural-earth',
  'ne_10m_admin_1_simplified_4pct.topojson',
);

export const hasBoundaryFiles: boolean = existsSync(codAbFile(3)) && existsSync(naturalEarthFile);

/** Iraq's COD-AB as an import keeps it, read without a database. */
export function codAbContent(name = 'cod-ab'): BoundarySetContent {
  let content: BoundarySetContent = { name, derivedFrom: null, validFrom: null, validTo: null, areas: [] };
  for (const level of [0, 1, 2, 3] as const) {
    const file = codAbFile(level);
    const features = readFeatures(readFileSync(file, 'utf8'), file);
    const { areas, problems } = toAreas(features, { level, validFrom: null, validTo: null, names: new Map() });
    const combined = withLevel(content, areas, level);
    if (problems.length + combined.problems.length > 0) throw new Error(JSON.stringify([problems, combined.problems]));
    ({ content } = combined);
  }
  return content;
}

export function setOf({ name, areas }: BoundarySetContent): BoundarySet {
  const shapes = areas.flatMap(({ code, shape }) => (shape === null ? [] : [[code, shape] as const]));
  return new BoundarySet(name, areas, new Map(shapes));
}
