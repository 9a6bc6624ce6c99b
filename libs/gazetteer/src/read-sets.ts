import { BOUNDARY_SET, BoundarySet, boundarySetData, isoSet, type Region } from '#app/geography';
import type { Database } from '#app/log';
import { contentSha256 } from './content.js';

/** A version of an imported boundary set. Dates are civil dates. */
export interface SetRow {
  setId: number;
  name: string;
  sha256: string;
  derivedFrom: string | null;
  validFrom: string | null;
  validTo: string | null;
  importedAt: Date;
  areas: number;
}

/** An area with its encoded shape. */
export interface AreaContent extends Region {
  shape: string | null;
}

export interface BoundarySetContent {
  name: string;
  derivedFrom: string | null;
  validFrom: string | null;
  validTo: string | null;
  areas: readonly AreaContent[];
}

const SETS = `
  SELECT s.set_id AS "setId", s.name, s.sha256, s.derived_from AS "derivedFrom", s.valid_from::text AS "validFrom",
         s.valid_to::text AS "validTo", s.imported_at AS "importedAt",
         (SELECT count(*) FROM gazetteer.area a WHERE a.set_id = s.set_id)::integer AS areas
    FROM gazetteer.boundary_set s`;

/** Every version of every imported set, in the order of their import. */
export async function listBoundarySets(db: Database): Promise<SetRow[]> {
  return (await db.query<SetRow>(`${SETS} ORDER BY s.set_id`)).rows;
}

/** The version that was imported last; null for the built-in set and for one that nobody imported. */
export async function findNewestSet(db: Database, name: string): Promise<SetRow | null> {
  return (await db.query<SetRow>(`${SETS} WHERE s.name = $1 ORDER BY s.set_id DESC LIMIT 1`, [name])).rows[0] ?? null;
}

/** Digest of the built-in set as this version of the program has it. */
export function builtInSha256(): string {
  return contentSha256(boundarySetData());
}

/** The areas of a version with their shapes, by code. */
export async function loadContent(
  db: Database,
  { setId, name, derivedFrom, validFrom, validTo }: SetRow,
): Promise<BoundarySetContent> {
  return { name, derivedFrom, validFrom, validTo, areas: await areasOf(db, setId, true) };
}

/**
 * A set as it was activated, to place or to look things up with. The built-in set is always the one of this program.
 *
 * @param shapes false spares the polygons, for who only reads names
 * @returns null when no version has this digest
 */
export async function loadBoundarySet(
  db: Database,
  { name, sha256 }: { name: string; sha256: string },
  shapes: boolean,
): Promise<BoundarySet | null> {
  if (name === BOUNDARY_SET) return isoSet;
  const { rows } = await db.query<SetRow>(`${SETS} WHERE s.name = $1 AND s.sha256 = $2 ORDER BY s.set_id LIMIT 1`, [
    name,
    sha256,
  ]);
  const [row] = rows;
  if (row === undefined) return null;
  const areas = await areasOf(db, row.setId, shapes);
  const encoded = new Map(areas.flatMap(({ code, shape }) => (shape === null ? [] : [[code, shape] as const])));
  return new BoundarySet(name, areas, encoded);
}

async function areasOf(db: Database, setId: number, shapes: boolean): Promise<AreaContent[]> {
  const { rows } = await db.query<AreaContent>(
    `SELECT a.code, a.level, a.name, a.names, a.parent, a.country, a.codes, a.claims, a.valid_from::text AS "validFrom",
            a.valid_to::text AS "validTo", ${shapes ? 's.encoded' : 'NULL::text'} AS shape
       FROM gazetteer.area a ${shapes ? 'LEFT JOIN gazetteer.shape s ON s.sha256 = a.shape' : ''}
      WHERE a.set_id = $1 ORDER BY a.code`,
    [setId],
  );
  return rows;
}
