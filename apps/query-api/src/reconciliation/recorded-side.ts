import {
  addIncident,
  addRecorded,
  type Amounts,
  compareIncident,
  type ComparisonRule,
  type Estimator,
  nothingRecorded,
  type RecordedAmount,
  roleAmounts,
} from '#app/domain';
import type { BoundarySet } from '#app/geography';
import {
  Components,
  type IncidentFilter,
  type IncidentKey,
  type IncidentState,
  type Publication,
  readIncidentPage,
  readPolicy,
} from '#app/read-models';
import type { EntityManager } from 'typeorm';
import type { Pinned } from '../asking/pin.js';
import { areaKey } from '../official/areas.js';

/** Recorded incidents beside an official figure. */
export interface RecordedSide {
  total: RecordedAmount;
  /** By `areaKey`: the finest of the published areas that holds the incident, else its first-level area. */
  byArea: ReadonlyMap<string, RecordedAmount>;
  /** In none of these: known only to the whole. */
  notPlaced: RecordedAmount;
  datedOnlyTo: Record<string, number>;
  flags: Record<string, number>;
  publishers: string[];
}

export interface RecordedRequest {
  filter: IncidentFilter;
  rule: ComparisonRule;
  estimator: Estimator | null;
  /** Only claims published by a moment count; null: all that are recorded. */
  publication: Publication | null;
  /** Keys of the areas that have an official number. */
  publishedAreas: ReadonlySet<string>;
}

const PAGE_INCIDENTS = 1_000;
const POLICE = 'POLICE_NON_COMBAT';

/** Adds up the incidents that a filter counts, a page at a time, whatever their number. */
export async function readRecordedSide(
  tx: EntityManager,
  pinned: Pinned,
  request: RecordedRequest,
): Promise<RecordedSide> {
  const { filter, rule, estimator, publication } = request;
  const byArea = new Map<string, RecordedAmount>();
  const counts = { datedOnlyTo: new Map<string, number>(), flags: new Map<string, number>() };
  const publishers = new Set<string>();
  let notPlaced = nothingRecorded(rule);
  const list = {
    filter,
    bbox: null,
    near: null,
    changedSince: null,
    sort: 'start' as const,
    isOfFigures: true,
    publication,
  };
  let after: IncidentKey | null = null;
  do {
    const page = await readIncidentPage(tx, pinned.asOf, list, { limit: PAGE_INCIDENTS, after });
    const police = await policeOf(tx, pinned, page.rows, request);
    for (const state of page.rows) {
      const figures = state.measures.map(({ points, ...figure }) => {
        return { ...figure, point: estimator === null ? null : points[estimator] };
      });
      const amount = compareIncident({ figures, police: police.get(state.incidentId) ?? [] }, rule);
      const area = areaOf(state, request, pinned.set);
      if (area === null) notPlaced = addIncident(notPlaced, amount);
      else byArea.set(area, addIncident(byArea.get(area) ?? nothingRecorded(rule), amount));
      publishers.add(state.publisher);
      count(counts.datedOnlyTo, state.timePrecision);
      for (const flag of state.flags) count(counts.flags, flag);
    }
    after = page.after;
  } while (after !== null);
  return {
    total: [...byArea.values()].reduce(addRecorded, notPlaced),
    byArea,
    notPlaced,
    datedOnlyTo: Object.fromEntries(counts.datedOnlyTo),
    flags: Object.fromEntries(counts.flags),
    publishers: [...publishers].toSorted(),
  };
}

function areaOf(
  { placements }: IncidentState,
  { filter, publishedAreas }: RecordedRequest,
  set: BoundarySet,
): string | null {
  const placement = placements[filter.boundary];
  const keys = [placement?.admin3, placement?.admin2, placement?.admin1].map((code) =>
    code ? areaKey(set, code) : null,
  );
  return keys.find((key) => key !== null && publishedAreas.has(key)) ?? keys[2] ?? null;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** What claims give to police in non-combat functions: figures do not keep roles apart, so the claims are read. */
async function policeOf(
  tx: EntityManager,
  { asOf }: Pinned,
  states: readonly IncidentState[],
  { rule, estimator, publication }: RecordedRequest,
): Promise<Map<string, Amounts[]>> {
  const ids = states.filter(({ roles }) => roles.includes(POLICE)).map(({ incidentId }) => incidentId);
  if (ids.length === 0 || rule.police === 'as recorded') return new Map();
  const policy = await readPolicy(tx, asOf);
  const components = await Components.read(tx, asOf, ids);
  const reports = await components.reports(
    tx,
    [...new Set(ids.flatMap((id) => components.homesOf(id)))],
    publication?.until ?? null,
  );
  const standing = reports.filter(({ endedAt }) => endedAt === null);
  return new Map(
    ids.map((id) => {
      const bodies = components.reportsIn(id, standing).flatMap(({ state }) => state.body?.report ?? []);
      return [id, roleAmounts(bodies, POLICE, { policy, estimator })];
    }),
  );
}
