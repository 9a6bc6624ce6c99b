import { matchDuplicates, type Sighting } from '#app/domain';
import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import type { IncidentFilter } from '../incidents/incident-filter.js';
import { matchesFilter } from '../incidents/incident-matching.js';
import { readIncidents } from '../incidents/incident-reports.js';
import type { IncidentState } from '../incidents/incident-row.js';
import type { Publication } from '../publication/publication.js';
import { pairsOfIncidents } from './candidates.sql.js';

/**
 * The open pairs of which at least one side counts otherwise than recorded under a publication: those that are recorded as
 * alike, had both been published, were alike then, and touch what the filter counts. Two that were alike only then are not
 * among them: nobody has looked for them.
 *
 * @returns the CloudEvents sources of both sides
 */
export async function readRefoldedPairs(
  tx: EntityManager,
  asOf: AsOf,
  filter: IncidentFilter,
  publication: Publication,
): Promise<[string, string][]> {
  const { position, generation } = asOf;
  const text = pairsOfIncidents(tablesOfGeneration(generation));
  const pairs = await tx.query<{ a: string; b: string }[]>(text, [publication.refoldedIds, position]);
  if (pairs.length === 0) return [];
  const ids = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  const refolded = new Set(publication.refoldedIds);
  const states = new Map<string, IncidentState>();
  const asRecorded = ids.filter((id) => !refolded.has(id));
  for (const state of await readIncidents(tx, asOf, asRecorded)) states.set(state.incidentId, state);
  for (const state of await publication.statesOf(tx, ids)) states.set(state.incidentId, state);
  return pairs.flatMap(({ a, b }): [string, string][] => {
    const [one, other] = [states.get(a), states.get(b)];
    if (one === undefined || other === undefined || !areAlike(one, other)) return [];
    const isCounted = matchesFilter(one, filter) || matchesFilter(other, filter);
    return isCounted ? [[one.publisher, other.publisher]] : [];
  });
}

function areAlike(one: IncidentState, other: IncidentState): boolean {
  const isRetracted = [one, other].some(({ verification }) => verification === 'RETRACTED');
  return !isRetracted && matchDuplicates(sightingOf(one), sightingOf(other)) !== null;
}

function sightingOf(state: IncidentState): Sighting {
  const { publisher, incidentType, startDate, placements, actors, latitude, longitude } = state;
  const timePrecision = state.timePrecision as Sighting['timePrecision'];
  const geoPrecision = state.geoPrecision as Sighting['geoPrecision'];
  return {
    ...{ publisher, incidentType, placements, actors, latitude, longitude },
    ...{ start: startDate, timePrecision, geoPrecision },
  };
}
