import { Problem } from '#app/http-edge';
import {
  type ChangeCause,
  type ChangeKey,
  type FigureRequest,
  type GroupFigures,
  type IncidentChange,
  type IncidentState,
  type OpenCandidates,
  type Publication,
  readCauses,
  readOpenCandidates,
  readOpenCandidatesBetween,
  shownMeasures,
} from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { type Pinned, pin } from '../asking/pin.js';
import { assertPlaced } from '../asking/placing.js';
import { resolvePublication } from '../asking/publication.js';
import { resolveFilter } from '../asking/resolve-filter.js';
import { readTotalsBetween } from '../casualties/get-casualties.handler.js';
import { ReadDatabase } from '../database/read-database.js';
import { effectOf } from './change-amounts.js';
import { readPage } from './change-page.js';
import type { DiffEntryDto, DiffParameters } from './diff.dto.js';

export interface Difference {
  from: Pinned;
  to: Pinned;
  entries: DiffEntryDto[];
  after: ChangeKey | null;
  total: number;
  events: number;
  figures: { before: GroupFigures; after: GroupFigures };
  candidates: { before: OpenCandidates; after: OpenCandidates };
  /** As of the later state. */
  publication: Publication | null;
}

/** Positions of both ends, where a cursor pins them, and what its first page counted. */
export interface DiffCursor {
  from: number;
  to: number;
  after: ChangeKey;
  total: number;
  events: number;
}

/** What changed between two states of the ledger. */
export class Diff extends Query<Difference> {
  constructor(
    readonly asked: DiffParameters,
    readonly page: { limit: number; cursor: DiffCursor | null },
  ) {
    super();
  }
}

@QueryHandler(Diff)
export class DiffHandler implements IQueryHandler<Diff> {
  constructor(private readonly database: ReadDatabase) {}

  execute({ asked, page }: Diff): Promise<Difference> {
    const { asOfFrom, asOfTo, ...filters } = asked;
    const { cursor, limit } = page;
    return this.database.read(async (tx) => {
      const to = await pin(tx, asOfTo === undefined ? filters : { ...filters, asOf: asOfTo }, cursor?.to, 'asOfTo');
      const from = await pin(tx, { ...filters, asOf: asOfFrom }, cursor?.from, 'asOfFrom');
      if (from.asOf.position > to.asOf.position) {
        throw Problem.invalidParameter('asOfTo', 'must not be before asOfFrom', 'BEFORE_FROM');
      }
      await assertPlaced(tx, from);
      const filter = await resolveFilter(tx, asked, to);
      const request: FigureRequest = { filter, dimensions: [], estimator: asked.estimator ?? null };
      const range = { from: from.asOf.position, to: to.asOf.position };
      const publication = await resolvePublication(tx, asked.publishedUntil, to);
      const until = publication?.until ?? null;
      const publishedFrom = await resolvePublication(tx, asked.publishedUntil, from);
      const found = await readPage(tx, to.asOf, { range, filter, until }, { limit, cursor });
      const changed = found.changes.map(({ position, after }) => ({ position, incidentId: after.incidentId }));
      const causes = await readCauses(tx, to.asOf, changed, until);
      return {
        from,
        to,
        entries: found.changes.map((change) => entryOf(change, causes.get(change.position), request, until)),
        after: found.after,
        total: found.total,
        events: found.events,
        figures: await readTotalsBetween(tx, { from, to }, request, { from: publishedFrom, to: publication }),
        candidates:
          until === null
            ? await readOpenCandidatesBetween(tx, { from: from.asOf, to: to.asOf }, filter)
            : {
                before: await readOpenCandidates(tx, from.asOf, filter, publishedFrom),
                after: await readOpenCandidates(tx, to.asOf, filter, publication),
              },
        publication,
      };
    });
  }
}

function entryOf(
  change: IncidentChange,
  cause: ChangeCause | undefined,
  request: FigureRequest,
  until: Date | null,
): DiffEntryDto {
  const { position, before, after } = change;
  return {
    position,
    recordedAt: cause?.recordedAt ?? '',
    eventId: cause?.eventId ?? null,
    eventType: cause?.eventType ?? 'OTHER',
    reason: cause?.reason ?? 'OTHER',
    by: cause?.by ?? null,
    report: cause?.report ?? null,
    incident: after.incidentId,
    ref: after.ref,
    publisher: after.publisher,
    ...effectOf(before, after, request, shownMeasures(request.filter.measures)),
    // What an incident was like while nothing of it counted is recorded, but not what had been published of it then.
    attributes:
      before === null || (until !== null && !(isShown(before) && isShown(after)))
        ? []
        : changedAttributes(before, after),
  };
}

function isShown({ status }: IncidentState): boolean {
  return status === 'ACTIVE' || status === 'RETRACTED';
}

/** What a reader can filter or group by, and the numbers. */
const ATTRIBUTES = [
  'publisher',
  'ref',
  'status',
  'survivor',
  'verification',
  'incidentType',
  'startDate',
  'endDate',
  'timePrecision',
  'placeName',
  'latitude',
  'longitude',
  'geoPrecision',
  'placements',
  'weapons',
  'weaponGroup',
  'targets',
  'actors',
  'perpetrators',
  'roles',
  'flags',
  'reports',
  'claimants',
  'measures',
  'contested',
] as const satisfies (keyof IncidentState)[];

function changedAttributes(before: IncidentState, after: IncidentState): string[] {
  return ATTRIBUTES.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
