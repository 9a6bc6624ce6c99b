import { claimantOf } from '#app/domain';
import { Problem } from '#app/http-edge';
import { MasterKey } from '#app/log';
import { readIncident, readReports, readSealedPointers, type RecordedReport } from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { AsOfParameters } from '../asking/as-of.dto.js';
import { asOfDto, type Pinned, pin } from '../asking/pin.js';
import { clientOf, ReadDatabase } from '../database/read-database.js';
import type { ClaimDto, IncidentDetailDto, ReportDto } from './incident-detail.dto.js';
import { incidentDto } from './incident-view.js';
import type { IncidentDto } from './incidents.dto.js';
import { type OpenTier, openTierOf } from './open-values.js';

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
    readonly asked: AsOfParameters,
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

  execute({ id, asked }: GetIncident): Promise<FoundIncident> {
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, asked);
      const state = await readIncident(tx, pinned.asOf, id);
      if (state === null) {
        throw new Problem('INCIDENT_NOT_FOUND', `no incident ${id} as of position ${pinned.asOf.position}`);
      }
      const reports = await readReports(tx, pinned.asOf, id);
      const eventIds = reports.map(({ eventId }) => eventId);
      const pointers = await readSealedPointers(tx, eventIds);
      const tiers = await openTierOf(await clientOf(tx), this.masterKey, eventIds, pointers);
      const sources = reports.map((report) => reportDto(report, tiers.get(report.eventId)));
      const incident = incidentDto(state, pinned.boundary);
      const detail = {
        ...incident,
        contested: state.contested,
        sources,
        withheld: sources.reduce((sum, { withheld }) => sum + withheld, 0),
        // Merging is not built yet: no incident can have absorbed another.
        lineage: { absorbed: [], survivor: null },
        asOf: asOfDto(pinned),
      };
      return { pinned, incident, detail };
    });
  }
}

function reportDto(recorded: RecordedReport, tier: OpenTier | undefined): ReportDto {
  const { body, supersededAt } = recorded;
  const { report } = body;
  const ended = recorded.isWithdrawn ? 'WITHDRAWN' : 'SUPERSEDED';
  return {
    state: supersededAt === null ? 'ACTIVE' : ended,
    publisher: recorded.source,
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
    opened: tier?.opened ?? { summary: null, tags: [], url: null, archiveUrl: null, documentId: null },
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
