import { claimantOf, type ReportRecordedData } from '#app/domain';
import { type Caller, Problem } from '#app/http-edge';
import { MasterKey } from '#app/log';
import {
  Components,
  type IncidentState,
  type Publication,
  readDecisions,
  readIncident,
  readSealedPointers,
  type ReportRevision,
} from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { EntityManager } from 'typeorm';
import type { AsOfParameters } from '../asking/as-of.dto.js';
import { asOfDto, type Pinned, pin } from '../asking/pin.js';
import { publishedUntilOf, resolvePublication } from '../asking/publication.js';
import { clientOf, ReadDatabase } from '../database/read-database.js';
import { type OpenedValues, openValues } from '../opening/open-values.js';
import type { ClaimDto, IncidentDetailDto, ReportDto } from './incident-detail.dto.js';
import { incidentDto } from './incident-view.js';
import type { IncidentDto } from './incidents.dto.js';
import { decisionsOf, lineageOf } from './lineage.js';
import { OPEN_OF_REPORTS, openedDto } from './open-report.js';

export interface FoundIncident {
  pinned: Pinned;
  /** The incident as a list shows it: nothing in it was opened. */
  incident: IncidentDto;
  detail: IncidentDetailDto;
}

/** One incident with its figures and what every source claims. */
export class GetIncident extends Query<FoundIncident> {
  constructor(
    readonly id: string,
    readonly asked: AsOfParameters & { publishedUntil?: string },
    readonly caller: Caller,
  ) {
    super();
  }
}

@QueryHandler(GetIncident)
export class GetIncidentHandler implements IQueryHandler<GetIncident> {
  constructor(
    private readonly database: ReadDatabase,
    private readonly masterKey: MasterKey,
  ) {}

  execute({ id, asked, caller }: GetIncident): Promise<FoundIncident> {
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, asked);
      const publication = await resolvePublication(tx, asked.publishedUntil, pinned);
      const state = await this.stateOf(tx, id, { pinned, publication });
      const components = await Components.read(tx, pinned.asOf, [id]);
      const reports = await reportsIn(tx, components, { id, until: publication?.until ?? null });
      const decisions = await readDecisions(tx, pinned.asOf, id);
      const eventIds = [...new Set([...reports, ...decisions].map(({ eventId }) => eventId))];
      const pointers = await readSealedPointers(tx, eventIds);
      const opening = { pointers, open: OPEN_OF_REPORTS, caller };
      const tiers = await openValues(await clientOf(tx), this.masterKey, eventIds, opening);
      const sources = reports.map((report) => reportDto(report, tiers.get(report.eventId)));
      const incident = incidentDto(state, pinned.boundary);
      const detail = {
        ...incident,
        contested: state.contested,
        sources,
        withheld: sources.reduce((sum, { withheld }) => sum + withheld, 0),
        lineage: lineageOf(id, decisions, components),
        decisions: decisionsOf(decisions, tiers),
        publishedUntil: publishedUntilOf(publication),
        asOf: asOfDto(pinned),
      };
      return { pinned, incident, detail };
    });
  }

  /** @throws Problem INCIDENT_NOT_FOUND when nothing of it had been recorded, or published, by then */
  private async stateOf(
    tx: EntityManager,
    id: string,
    { pinned, publication }: { pinned: Pinned; publication: Publication | null },
  ): Promise<IncidentState> {
    const recorded = await readIncident(tx, pinned.asOf, id);
    if (recorded === null) {
      throw new Problem('INCIDENT_NOT_FOUND', `no incident ${id} as of position ${pinned.asOf.position}`);
    }
    const folded = recorded.status === 'MERGED' ? undefined : await publication?.stateOf(tx, id);
    if (folded === null) {
      const until = publication?.until.toISOString() ?? '';
      throw new Problem('INCIDENT_NOT_FOUND', `nothing had been published on incident ${id} until ${until}`);
    }
    return folded ?? recorded;
  }
}

interface RecordedReport {
  recordedUnder: string;
  position: number;
  /** The event that replaced or withdrew it; null while it counts. */
  supersededAt: number | null;
  eventId: string;
  publisher: string;
  reportId: string;
  revision: number;
  body: ReportRecordedData;
  isWithdrawn: boolean;
}

/** Every report that counts or counted in an incident, as recorded; with `until` those that had been published by then. */
async function reportsIn(
  tx: EntityManager,
  components: Components,
  { id, until }: { id: string; until: Date | null },
): Promise<RecordedReport[]> {
  const rows = await components.reports(tx, components.homesOf(id), null);
  const counting = components.reportsIn(id, rows);
  const withdrawn = new Set(
    counting.filter(({ state }) => state.kind === 'WITHDRAWN').map(({ state }) => `${state.source} ${state.reportId}`),
  );
  return counting
    .toSorted((a, b) => a.state.position - b.state.position)
    .flatMap(({ incidentId, state, endedAt }) => {
      if (state.body === null) return [];
      if (until !== null && Date.parse(state.body.report.publishedAt) > until.getTime()) return [];
      const { position, eventId, source: publisher, reportId, revision, body } = state;
      const isWithdrawn = endedAt !== null && withdrawn.has(`${publisher} ${reportId}`) && isLast(state, rows);
      return {
        recordedUnder: incidentId,
        position,
        supersededAt: endedAt,
        eventId,
        publisher,
        reportId,
        revision,
        body,
        isWithdrawn,
      };
    });
}

/** Of the revisions of a withdrawn report the last one was withdrawn; the others were replaced before. */
function isLast(state: ReportRevision['state'], rows: readonly ReportRevision[]): boolean {
  return !rows.some(
    ({ state: other }) =>
      other.kind === 'REPORT' &&
      other.source === state.source &&
      other.reportId === state.reportId &&
      (other.revision > state.revision || (other.revision === state.revision && other.position > state.position)),
  );
}

function reportDto(recorded: RecordedReport, tier: OpenedValues | undefined): ReportDto {
  const { body, supersededAt } = recorded;
  const { report } = body;
  const ended = recorded.isWithdrawn ? 'WITHDRAWN' : 'SUPERSEDED';
  return {
    state: supersededAt === null ? 'ACTIVE' : ended,
    recordedUnder: recorded.recordedUnder,
    publisher: recorded.publisher,
    reportId: recorded.reportId,
    revision: recorded.revision,
    position: recorded.position,
    supersededAt,
    eventId: recorded.eventId,
    publishedAt: report.publishedAt,
    language: report.language ?? null,
    source: report.source,
    occurred: report.occurred,
    place: report.place,
    classification: report.classification,
    actors: report.actors ?? [],
    claims: claims(recorded),
    flags: body.flags,
    opened: openedDto(tier),
    confidential: tier?.confidential ?? null,
    withheld: tier?.withheld ?? 0,
    erased: tier?.erased ?? [],
  };
}

function claims({ body: { report } }: RecordedReport): ClaimDto[] {
  return (report.casualties ?? []).map((claim) => {
    const { name, kind } = claimantOf(claim, report);
    return {
      measure: claim.measure,
      status: claim.status ?? null,
      role: claim.role ?? null,
      value: claim.value,
      claimant: { name, kind },
    };
  });
}
