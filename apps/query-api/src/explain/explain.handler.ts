import type { ConversionPolicy } from '#app/domain';
import {
  cellKey,
  Components,
  countedFigures,
  type Dimension,
  type FigureRequest,
  type GroupFigures,
  type IncidentKey,
  type IncidentState,
  type OpenCandidates,
  type Publication,
  readIncidentPage,
  readOpenCandidates,
  readPolicy,
  type ReportRevision,
} from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { EntityManager } from 'typeorm';
import { type Pinned, pin } from '../asking/pin.js';
import { resolvePublication } from '../asking/publication.js';
import { resolveFilter } from '../asking/resolve-filter.js';
import type { CasualtiesParameters } from '../casualties/casualties.dto.js';
import { assertDimensions, readTotal } from '../casualties/get-casualties.handler.js';
import { groupKey } from '../casualties/group-keys.js';
import { ReadDatabase } from '../database/read-database.js';
import { incidentDto } from '../incidents/incident-view.js';
import { explainClaims, type ExplainedClaim } from './explain-claims.js';
import { explainVerification } from './explain-verification.js';
import type { CountedDto, ExplainedFigureDto, ExplainedIncidentDto } from './explain.dto.js';

export interface Explanation {
  pinned: Pinned;
  rows: ExplainedIncidentDto[];
  /** Where the next page begins; null after the last. */
  after: IncidentKey | null;
  total: GroupFigures;
  publication: Publication | null;
  candidates: OpenCandidates;
}

/** The incidents and claims behind a figure. */
export class Explain extends Query<Explanation> {
  constructor(
    readonly asked: CasualtiesParameters,
    readonly page: { limit: number; position?: number | undefined; after: IncidentKey | null },
  ) {
    super();
  }
}

@QueryHandler(Explain)
export class ExplainHandler implements IQueryHandler<Explain> {
  constructor(private readonly database: ReadDatabase) {}

  execute({ asked, page }: Explain): Promise<Explanation> {
    const dimensions = asked.groupBy ?? [];
    assertDimensions(dimensions);
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, asked, page.position);
      const filter = await resolveFilter(tx, asked, pinned);
      const publication = await resolvePublication(tx, asked.publishedUntil, pinned);
      const request: FigureRequest = { filter, dimensions, estimator: asked.estimator ?? null, publication };
      const list = { filter, bbox: null, near: null, changedSince: null, sort: '-start' as const, isOfFigures: true };
      const { rows, after } = await readIncidentPage(tx, pinned.asOf, { ...list, publication }, page);
      const explained = await explainRows(tx, rows, { pinned, request, publication });
      const total = await readTotal(tx, pinned, request);
      const candidates = await readOpenCandidates(tx, pinned.asOf, filter, publication);
      return { pinned, rows: explained, after, total, publication, candidates };
    });
  }
}

interface Context {
  pinned: Pinned;
  request: FigureRequest;
  publication: Publication | null;
}

async function explainRows(
  tx: EntityManager,
  rows: readonly IncidentState[],
  { pinned, request, publication }: Context,
): Promise<ExplainedIncidentDto[]> {
  const ids = rows.map(({ incidentId }) => incidentId);
  const components = await Components.read(tx, pinned.asOf, ids);
  const homes = [...new Set(ids.flatMap((id) => components.homesOf(id)))];
  const byHome = new Map<string, ReportRevision[]>();
  for (const report of await components.reports(tx, homes, null)) {
    byHome.set(report.incidentId, [...(byHome.get(report.incidentId) ?? []), report]);
  }
  const policy = await readPolicy(tx, pinned.asOf);
  return rows.map((state) => {
    const reports = components.homesOf(state.incidentId).flatMap((home) => byHome.get(home) ?? []);
    const counting = components.reportsIn(state.incidentId, reports);
    const claims = explainClaims(counting, policy satisfies ConversionPolicy, publication?.until ?? null);
    return {
      ...shown(state, pinned.boundary),
      ...(request.dimensions.length === 0 ? {} : { group: groupOf(state, request) }),
      verification: explainVerification(state, components.decisionsOn(state.incidentId), claims),
      counted: countedBy(state, request),
      figures: figuresOf(state, request, claims),
      absorbed: components.membersOf(state.incidentId).slice(1),
    };
  });
}

function shown(state: IncidentState, boundary: string) {
  const { id, ref, publisher, incidentType, start, end, timePrecision, place, version, position } = incidentDto(
    state,
    boundary,
  );
  return { id, ref, publisher, incidentType, start, end, timePrecision, place, version, position };
}

function groupOf(state: IncidentState, request: FigureRequest) {
  const dimensions = request.dimensions.filter((dimension: Dimension) => dimension !== 'status');
  const empty = { measure: '', part: '', incidents: 0, lo: 0, hi: 0, open: 0, unknown: 0, point: 0, valued: 0 };
  const placed = { nowhere: 0, countryOnly: 0, admin1Only: 0, weekOnly: 0, monthOnly: 0, yearOnly: 0 };
  return groupKey({ ...cellKey(state, request), ...empty, ...placed }, dimensions);
}

function countedBy(state: IncidentState, request: FigureRequest): Record<string, CountedDto> {
  const isByStatus = request.dimensions.includes('status');
  const hasEstimator = request.estimator !== null;
  return Object.fromEntries(
    countedFigures(state, request).map(({ measure, part, lo, hi, open, unknown, point, valued }) => [
      isByStatus ? `${measure}/${part}` : measure,
      {
        lo,
        hiKnown: hi,
        openIncidents: open,
        unknownIncidents: unknown,
        point: hasEstimator && valued > 0 ? point : null,
        withoutPoint: hasEstimator ? 1 - valued : null,
      },
    ]),
  );
}

/** The figures of the measures asked for, each with the claims on it. */
function figuresOf(
  { measures }: IncidentState,
  request: FigureRequest,
  claims: readonly ExplainedClaim[],
): ExplainedFigureDto[] {
  const { filter, dimensions } = request;
  const isAsked = (measure: string, part: string): boolean =>
    (filter.measures.length === 0 || (filter.measures as readonly string[]).includes(measure)) &&
    (filter.statuses.length === 0 || (filter.statuses as readonly string[]).includes(part));
  const isCounted = (part: string): boolean =>
    filter.statuses.length > 0 || (dimensions.includes('status') ? part !== 'TOTAL' : part === 'TOTAL');
  return measures
    .filter(({ measure, part }) => isAsked(measure, part))
    .map(({ measure, part, lo, hi, unknown, flags, points }) => ({
      measure,
      part,
      isCounted: isCounted(part),
      lo,
      hi,
      unknown,
      flags: [...flags],
      points: { ...points },
      claims: claims
        .filter((claim) => claim.measure === measure && claim.part === part)
        .toSorted((a, b) => Number(a.state !== 'STANDS') - Number(b.state !== 'STANDS'))
        .map(({ measure: _measure, part: _part, claimantKey: _key, ...claim }) => claim),
    }));
}
