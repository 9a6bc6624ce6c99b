import type { Database } from '#app/log';
import { contentSha256, textSha256 } from './content.js';
import { type AreaContent, type BoundarySetContent, findNewestSet } from './read-sets.js';

export interface Written {
  sha256: string;
  /** False: the newest version has this content already, and nothing was written. */
  changed: boolean;
  areas: number;
}

/** Keeps a version of a set, unless the newest one is the same. In the caller's transaction; imports of one set take turns. */
export async function writeBoundarySet(tx: Database, content: BoundarySetContent): Promise<Written> {
  const areas = content.areas.toSorted((a, b) => (a.code < b.code ? -1 : 1));
  const { name, derivedFrom, validFrom, validTo } = content;
  const sha256 = contentSha256({ boundarySet: name, derivedFrom, regions: areas.map(plain), validFrom, validTo });
  const newest = await findNewestSet(tx, name);
  if (newest?.sha256 === sha256) return { sha256, changed: false, areas: areas.length };
  const { rows } = await tx.query<{ setId: number }>(
    `INSERT INTO gazetteer.boundary_set (name, sha256, derived_from, valid_from, valid_to)
     VALUES ($1, $2, $3, $4::date, $5::date) RETURNING set_id AS "setId"`,
    [name, sha256, derivedFrom, validFrom, validTo],
  );
  const { setId } = rows[0] as { setId: number };
  await writeShapes(tx, areas);
  await tx.query(
    `INSERT INTO gazetteer.area (set_id, code, level, parent, country, name, names, codes, claims, valid_from, valid_to, shape)
     SELECT $1, a.code, a.level, a.parent, a.country, a.name, a.names, a.codes, a.claims, a."validFrom", a."validTo", a.shape
       FROM jsonb_to_recordset($2::jsonb) AS a (code text, level text, parent text, country text, name text, names text[],
            codes jsonb, claims jsonb, "validFrom" date, "validTo" date, shape text)`,
    [setId, JSON.stringify(areas.map((area) => ({ ...plain(area), shape: shapeKey(area) })))],
  );
  return { sha256, changed: true, areas: areas.length };
}

/** Of imports of one set that run at once, one waits for the other. Until the end of the transaction. */
export async function lockSet(tx: Database, name: string): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtext('gazetteer.import'), hashtext($1))", [name]);
}

async function writeShapes(tx: Database, areas: readonly AreaContent[]): Promise<void> {
  const shapes = areas.flatMap((area) =>
    area.shape === null ? [] : [{ sha256: shapeKey(area), encoded: area.shape }],
  );
  // In parts: one parameter must not grow with the world.
  for (let from = 0; from < shapes.length; from += 500) {
    await tx.query(
      `INSERT INTO gazetteer.shape (sha256, encoded)
       SELECT s.sha256, s.encoded FROM jsonb_to_recordset($1::jsonb) AS s (sha256 text, encoded text)
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(shapes.slice(from, from + 500))],
    );
  }
}

function shapeKey({ shape }: AreaContent): string | null {
  return shape === null ? null : textSha256(shape);
}

/** The members that are stored and hashed, whatever else the object has. */
function plain({ code, level, name, names, parent, country, codes, claims, validFrom, validTo, shape }: AreaContent) {
  return {
    code,
    level,
    name,
    names,
    parent,
    country,
    codes,
    claims: claims ?? [],
    validFrom: validFrom ?? null,
    validTo: validTo ?? null,
    shape,
  };
}
