import type { EntityManager } from 'typeorm';
import { tablesOfGeneration, type Tables } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import type { ChangeRange } from '../changes/changes.js';

/** What decisions tied to some incidents anywhere in a range of positions. Ids joined by commas. */
const tiedWithin = ({ decision }: Tables): string => `
SELECT DISTINCT d.other AS incident_id
  FROM unnest(string_to_array($3, ',')::uuid[]) AS asked (incident_id)
  JOIN ${decision} d USING (incident_id)
 WHERE d.other IS NOT NULL AND d.from_position <= $2::bigint AND (d.to_position IS NULL OR d.to_position > $1::bigint)`;

/**
 * Some incidents with all that a decision tied to them anywhere in a range, directly or through others: whole components at
 * each position of it, and at the one before it.
 */
export async function withTied(
  tx: EntityManager,
  { generation }: Pick<AsOf, 'generation'>,
  { from, to }: ChangeRange,
  incidentIds: readonly string[],
): Promise<Set<string>> {
  const text = tiedWithin(tablesOfGeneration(generation));
  const known = new Set(incidentIds);
  for (let next = [...known]; next.length > 0; ) {
    const tied = await tx.query<{ incident_id: string }[]>(text, [from, to, next.join(',')]);
    next = tied.map((row) => row.incident_id).filter((id) => !known.has(id));
    for (const id of next) known.add(id);
  }
  return known;
}
