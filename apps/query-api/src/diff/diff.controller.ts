import { Access, ApiProblems, type CsvColumn, decodeCursor, encodeCursor, nextUrl, READERS } from '#app/http-edge';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toStatedCsv } from '../asking/answer-state.js';
import { formatOf, sendAnswer } from '../asking/answer.js';
import { answers, ApiNotModified, FILTER_PROBLEMS } from '../asking/documented.js';
import { LIMIT_DEFAULT, LIMIT_MAX } from '../asking/paging.dto.js';
import { asOfDto } from '../asking/pin.js';
import { publishedUntilOf } from '../asking/publication.js';
import { UUID } from '../incidents/incidents.controller.js';
import { differenceOf } from './change-amounts.js';
import { DiffDto, type DiffEntryDto, DiffParameters, type MeasureChangeDto } from './diff.dto.js';
import { Diff, type DiffCursor } from './diff.handler.js';

/** One line per entry and measure; an entry that changed no measure has a line of its own. */
interface Line {
  entry: DiffEntryDto;
  measure: string | null;
  change: MeasureChangeDto | null;
  /** Of the first line of an entry: added up over all lines, incidents must not count twice. */
  incidents: number;
}

const COLUMNS: readonly CsvColumn<Line>[] = [
  { name: 'position', hxl: '#meta+position', value: ({ entry }) => entry.position },
  { name: 'recorded_at', hxl: '#date+recorded', value: ({ entry }) => entry.recordedAt },
  { name: 'event_type', hxl: '#event+type+recorded', value: ({ entry }) => entry.eventType },
  { name: 'reason', hxl: '#status+why', value: ({ entry }) => entry.reason },
  { name: 'by', hxl: '#org+decided', value: ({ entry }) => entry.by },
  { name: 'source', hxl: '#meta+source', value: ({ entry }) => entry.report?.publisher },
  { name: 'report_id', hxl: '#meta+report+id', value: ({ entry }) => entry.report?.reportId },
  { name: 'revision', hxl: '#meta+revision', value: ({ entry }) => entry.report?.revision },
  { name: 'published_at', hxl: '#date+published', value: ({ entry }) => entry.report?.publishedAt },
  { name: 'incident_id', hxl: '#event+id', value: ({ entry }) => entry.incident },
  { name: 'ref', hxl: '#event+code', value: ({ entry }) => entry.ref },
  { name: 'effect', hxl: '#status+effect', value: ({ entry }) => entry.effect },
  { name: 'attributes', hxl: '#meta+attributes', value: ({ entry }) => entry.attributes.join('|') },
  { name: 'incidents', hxl: '#event+num+change', value: ({ incidents }) => incidents },
  { name: 'measure', hxl: '#indicator+measure', value: ({ measure }) => measure },
  { name: 'lo', hxl: '#affected+min+change', value: ({ change }) => change?.lo },
  { name: 'hi_known', hxl: '#affected+known+max+change', value: ({ change }) => change?.hiKnown },
  { name: 'open_incidents', hxl: '#event+num+open+change', value: ({ change }) => change?.openIncidents },
  { name: 'unknown_incidents', hxl: '#event+num+unknown+change', value: ({ change }) => change?.unknownIncidents },
  { name: 'silent_incidents', hxl: '#event+num+silent+change', value: ({ change }) => change?.silentIncidents },
  { name: 'point', hxl: '#affected+num+point+change', value: ({ change }) => change?.point },
];

@ApiTags('figures')
@Controller('v1/diff')
@Access({ roles: READERS })
export class DiffController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'What changed between two states of the ledger, and why',
    operationId: 'diff',
    description:
      'Every event after `asOfFrom`, up to and with `asOfTo`, that changed an incident which the filter counts before or after it, in the order of recording: its reason, its report or decision, and what it changed. The changes add up to `difference` exactly, and diff(a,b) + diff(b,c) = diff(a,c). With `publishedUntil` all of it is of what had been published by then: an event that changed nothing in it has no entry.',
  })
  @ApiExtraModels(DiffDto)
  @ApiResponse({ status: 200, description: 'A page of changes', ...answers(DiffDto, ['text/csv']) })
  @ApiNotModified()
  @ApiProblems(...FILTER_PROBLEMS, 'BAD_CURSOR', 'TOO_MANY_GROUPS', 'TOO_MANY_CHANGES')
  async diff(
    @Query() asked: DiffParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { limit: askedLimit, cursor: cursorText, format: askedFormat, bom, hxl, ...filters } = asked;
    const format = formatOf(askedFormat, request, ['json', 'csv']);
    const limit = askedLimit ?? (format === 'csv' ? LIMIT_MAX : LIMIT_DEFAULT);
    const cursor = cursorText === undefined ? null : toDiffCursor(decodeCursor(cursorText, filters, isKey));
    const found = await this.queries.execute(new Diff(asked, { limit, cursor }));
    const { from, to, entries, total, events, figures, candidates } = found;
    const positions = { position: to.asOf.position };
    const next = nextUrl(
      request,
      found.after === null
        ? null
        : encodeCursor({ ...positions, after: [from.asOf.position, ...found.after, total, events] }, filters),
    );
    const pinned = { ...to, isImmutable: to.isImmutable && from.isImmutable };
    const state = { pinned, publishedUntil: publishedUntilOf(found.publication) };
    if (format === 'csv') {
      const compared = { ...state, from };
      const body = toStatedCsv(COLUMNS, entries.flatMap(lines), compared, { bom: bom === true, hxl: hxl === true });
      return sendAnswer(request, reply, { ...state, format, body, next });
    }
    const body = {
      data: entries,
      next,
      total,
      events,
      before: { ...figures.before, openDuplicateCandidates: candidates.before },
      after: { ...figures.after, openDuplicateCandidates: candidates.after },
      difference: differenceOf(figures.before, figures.after, asked.estimator !== undefined),
      estimator: asked.estimator ?? null,
      publishedUntil: state.publishedUntil,
      asOfFrom: asOfDto(from),
      asOf: asOfDto(to),
    };
    return sendAnswer(request, reply, { ...state, format, body, next });
  }
}

function lines(entry: DiffEntryDto): Line[] {
  const { incidents, measures } = entry.changes;
  const changes = Object.entries(measures);
  if (changes.length === 0) return [{ entry, measure: null, change: null, incidents }];
  return changes.map(([measure, change], index) => ({
    entry,
    measure,
    change,
    incidents: index === 0 ? incidents : 0,
  }));
}

function isKey([from, position, id, total, events, ...more]: readonly unknown[]): boolean {
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
  return more.length === 0 && [from, position, total, events].every(isCount) && typeof id === 'string' && UUID.test(id);
}

/** After `isKey` has looked at it. */
function toDiffCursor(cursor: { position: number; after: readonly (string | number | null)[] }): DiffCursor {
  const [from, position, id, total, events] = cursor.after;
  return {
    from: Number(from),
    to: cursor.position,
    after: [Number(position), String(id)],
    total: Number(total),
    events: Number(events),
  };
}
