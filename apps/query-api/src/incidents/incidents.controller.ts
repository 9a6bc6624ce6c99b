import {
  Access,
  ApiProblems,
  type Cursor,
  decodeCursor,
  encodeCursor,
  isFresh,
  nextUrl,
  sendNdjson,
  READERS,
} from '#app/http-edge';
import { statedRows, tellState, toNdjson, toStatedCsv } from '../asking/answer-state.js';
import { isCivilDate } from '#app/read-models';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FORMATS, formatOf, sendAnswer } from '../asking/answer.js';
import { answers, ApiNotModified, FILTER_PROBLEMS } from '../asking/documented.js';
import { LIMIT_DEFAULT, LIMIT_MAX } from '../asking/paging.dto.js';
import { asOfDto } from '../asking/pin.js';
import { publishedUntilOf } from '../asking/publication.js';
import { feature, INCIDENT_COLUMNS, incidentDto } from './incident-view.js';
import { FeatureCollectionDto } from './features.dto.js';
import { IncidentsDto, IncidentsParameters } from './incidents.dto.js';
import { type IncidentList, type ListCursor, ListIncidents, sortOf } from './list-incidents.handler.js';

/** Of each reader who takes nothing one page stays in memory: many of them must not fill it. */
const STREAM_PAGE = 250;
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const { headers: HEADERS, content: CONTENT } = answers(IncidentsDto, ['text/csv', 'application/x-ndjson']);

@ApiTags('incidents')
@Controller('v1/incidents')
@Access({ roles: READERS })
export class IncidentsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'Incidents, one page at a time',
    operationId: 'incidents',
    description: 'With `measure` or `status`: incidents that say something on them.',
  })
  @ApiExtraModels(IncidentsDto, FeatureCollectionDto)
  @ApiResponse({
    status: 200,
    description: 'A page; NDJSON holds one incident a line',
    headers: HEADERS,
    content: { ...CONTENT, 'application/geo+json': { schema: { $ref: getSchemaPath(FeatureCollectionDto) } } },
  })
  @ApiNotModified()
  @ApiProblems(...FILTER_PROBLEMS, 'BAD_CURSOR')
  async incidents(
    @Query() asked: IncidentsParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { limit: askedLimit, cursor: cursorText, format: askedFormat, bom, hxl, ...filters } = asked;
    const format = formatOf(askedFormat, request, FORMATS);
    const isDated = sortOf(asked).endsWith('start');
    const cursor = cursorText === undefined ? null : toListCursor(decodeCursor(cursorText, filters, isKey(isDated)));
    if (format === 'ndjson' && askedLimit === undefined) return this.stream(asked, cursor, request, reply);
    const limit = askedLimit ?? (format === 'csv' ? LIMIT_MAX : LIMIT_DEFAULT);
    const list = await this.queries.execute(new ListIncidents(asked, { limit, cursor }));
    const { pinned, after, total, notLocated, publication } = list;
    const next = nextUrl(
      request,
      after === null
        ? null
        : encodeCursor({ position: pinned.asOf.position, after: [...after, total, notLocated] }, filters),
    );
    const data = shown(list);
    const state = { pinned, publishedUntil: publishedUntilOf(publication) };
    const rest = { next, total, notLocated, publishedUntil: state.publishedUntil, asOf: asOfDto(pinned) };
    const send = (body: unknown): Promise<void> => sendAnswer(request, reply, { ...state, format, body, next });
    switch (format) {
      case 'csv':
        return send(toStatedCsv(INCIDENT_COLUMNS, data, state, { bom: bom === true, hxl: hxl === true }));
      case 'ndjson':
        return send(toNdjson(data, state));
      case 'geojson':
        return send({ type: 'FeatureCollection', features: data.map(feature), ...rest });
      case 'json':
        return send({ data, ...rest });
    }
  }

  /**
   * All that follows, page by page at the position of the first page. Each page is a transaction of its own: a slow
   * reader must not hold a snapshot of the database.
   */
  private async stream(
    asked: IncidentsParameters,
    cursor: ListCursor | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const page = (from: ListCursor | null): Promise<IncidentList> =>
      this.queries.execute(new ListIncidents(asked, { limit: STREAM_PAGE, cursor: from }));
    const first = await page(cursor);
    const { pinned } = first;
    const state = { pinned, publishedUntil: publishedUntilOf(first.publication) };
    tellState(reply, state);
    const identity = [asOfDto(pinned), 'ndjson', request.url];
    if (isFresh(request, reply, { identity, immutable: pinned.isImmutable })) {
      await reply.send();
      return;
    }
    async function* pages(): AsyncGenerator<object[]> {
      for (let list = first; ; ) {
        yield statedRows(shown(list), state);
        if (list.after === null) return;
        list = await page({ position: pinned.asOf.position, after: list.after, total: list.total, notLocated: null });
      }
    }
    await sendNdjson(reply, pages());
  }
}

function shown({ rows, pinned }: IncidentList) {
  return rows.map((row) => incidentDto(row, pinned.boundary));
}

function isKey(isDated: boolean): (after: readonly unknown[]) => boolean {
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
  return ([key, id, total, notLocated, ...more]) =>
    more.length === 0 &&
    typeof id === 'string' &&
    UUID.test(id) &&
    isCount(total) &&
    (notLocated === null || isCount(notLocated)) &&
    (isDated ? typeof key === 'string' && isCivilDate(key) : Number.isSafeInteger(key));
}

/** After `isKey` has looked at it. */
function toListCursor({ position, after: [key, id, total, notLocated] }: Cursor): ListCursor {
  const counted = notLocated === null ? null : Number(notLocated);
  return { position, after: [key ?? '', String(id)], total: Number(total), notLocated: counted };
}
