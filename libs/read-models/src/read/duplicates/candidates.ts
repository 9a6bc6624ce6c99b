import type { IncidentType, Placements, Verification } from '#app/domain';
import type { EntityManager } from 'typeorm';
import type { CandidateBody } from '../../project/candidate-pairs.js';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { candidateCount, candidatePage, type CandidateQuery, countsUnder } from './candidates.sql.js';
import { areaConditions, EVERY_INCIDENT, type IncidentFilter } from '../incidents/incident-filter.js';
import { SqlParameters } from '../sql-parameters.js';

/** One of the two incidents of a pair, as of the position of the answer. */
export interface CandidateSide {
  incidentId: string;
  publisher: string;
  ref: string | null;
  verification: Verification;
  incidentType: IncidentType;
  startDate: string;
  placeName: string | null;
  geoPrecision: string;
  placements: Placements;
  actors: string[];
}

/** Two incidents that may be one, and why (matchDuplicates of #app/domain). */
export interface Candidate extends CandidateBody {
  /** The event since which the pair stands as it is. */
  position: number;
  score: number;
  /** By id. */
  incidents: [CandidateSide, CandidateSide];
}

export interface CandidateFilter {
  /** Pairs of this incident. */
  incident: string | null;
  /** At least one of the two is placed there. */
  regions: IncidentFilter['regions'];
  boundary: string;
  /** At least one of the two is theirs. CloudEvents sources. */
  publishers: readonly string[];
  minScore: number;
}

/** Sort keys of the last row of a page: score, and the ids of the two. */
export type CandidateKey = readonly [score: number, a: string, b: string];

/** One page of the pairs that stand as of a position, the most alike first. */
export async function readCandidatePage(
  tx: EntityManager,
  { position, generation }: AsOf,
  filter: CandidateFilter,
  page: { limit: number; after: CandidateKey | null },
): Promise<{ rows: Candidate[]; after: CandidateKey | null }> {
  const parameters = new SqlParameters();
  const query = queryOf(filter, position, parameters);
  const after = page.after === null ? null : afterOf(page.after, parameters);
  const limit = `${parameters.add(page.limit + 1)}::bigint`;
  const text = candidatePage(tablesOfGeneration(generation), query, { after, limit });
  const rows = (await tx.query<Record<string, unknown>[]>(text, parameters.values)).map(toCandidate);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  if (rows.length <= page.limit || last === undefined) return { rows: shown, after: null };
  const [one, other] = last.incidents;
  return { rows: shown, after: [last.score, one.incidentId, other.incidentId] };
}

export async function countCandidates(
  tx: EntityManager,
  { position, generation }: AsOf,
  filter: CandidateFilter,
): Promise<number> {
  const parameters = new SqlParameters();
  const text = candidateCount(tablesOfGeneration(generation), queryOf(filter, position, parameters));
  const [row] = await tx.query<{ total: string }[]>(text, parameters.values);
  return Number(row?.total ?? 0);
}

/** The incident under which this one counts as of a position: itself, or the survivor of a merge. Null: none of that id. */
export async function readCountsUnder(
  tx: EntityManager,
  { position, generation }: AsOf,
  incidentId: string,
): Promise<string | null> {
  const text = countsUnder(tablesOfGeneration(generation));
  const [row] = await tx.query<{ root: string }[]>(text, [incidentId, position]);
  return row?.root ?? null;
}

function queryOf(filter: CandidateFilter, position: number, parameters: SqlParameters): CandidateQuery {
  const { incident, publishers, minScore } = filter;
  const pair = minScore > 0 ? [`c.score >= ${parameters.add(minScore)}`] : [];
  if (incident !== null) {
    const id = `${parameters.add(incident)}::uuid`;
    pair.push(`(c.a = ${id} OR c.b = ${id})`);
  }
  return {
    position: `${parameters.add(position)}::bigint`,
    pair,
    either: (alias) => [
      ...areaConditions({ ...EVERY_INCIDENT, ...filter }, parameters, alias),
      ...(publishers.length === 0 ? [] : [`${alias}.publisher = ANY(${parameters.add(publishers)}::text[])`]),
    ],
  };
}

function afterOf([score, a, b]: CandidateKey, parameters: SqlParameters): string {
  const lower = `c.score < ${parameters.add(score)}`;
  const later = `(c.a, c.b) > (${parameters.add(a)}::uuid, ${parameters.add(b)}::uuid)`;
  return `(${lower} OR (c.score = ${parameters.add(score)} AND ${later}))`;
}

function toCandidate(row: Record<string, unknown>): Candidate {
  const { rule, km, days, type, actors } = JSON.parse(row['body'] as string) as CandidateBody;
  return {
    position: Number(row['from_position']),
    score: Number(row['score']),
    rule,
    km,
    days,
    type,
    actors,
    incidents: [sideOf(row, 'x'), sideOf(row, 'y')],
  };
}

function sideOf(row: Record<string, unknown>, side: 'x' | 'y'): CandidateSide {
  const of = (column: string): unknown => row[`${side}_${column}`];
  return {
    incidentId: of('incident_id') as string,
    publisher: of('publisher') as string,
    ref: of('ref') as string | null,
    verification: of('verification') as Verification,
    incidentType: of('incident_type') as IncidentType,
    startDate: of('start_date') as string,
    placeName: of('place_name') as string | null,
    geoPrecision: of('geo_precision') as string,
    placements: JSON.parse(of('placements') as string) as Placements,
    actors: of('actors') as string[],
  };
}
