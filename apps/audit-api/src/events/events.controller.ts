import { createHash } from 'node:crypto';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiParam, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  ApiProblems,
  decodeCursor,
  encodeCursor,
  isFresh,
  NDJSON_CONTENT_TYPE,
  nextUrl,
  Problem,
} from '#app/http-edge';
import { AuditLog } from '../audit-log.js';
import { wantedFormat } from '../formats.js';
import { toMoment } from '../moments.js';
import { isPosition } from '../paging.js';
import { ApiTable, AsOfTableParameters, sendTable } from '../tables.js';
import { EVENT_COLUMNS, type EventCells } from './event-columns.js';
import { countEvents, type EventFilter, findEvent, listEvents } from './event-rows.js';
import { EventPageView, EventView, LeafView, ListEventsDto } from './events.dto.js';
import { streamLeaves } from './stream-leaves.js';

const PAGE = 100;

@ApiTags('events')
@Controller('v1/events')
export class EventsController {
  constructor(private readonly log: AuditLog) {}

  @Get()
  @ApiOperation({
    summary: 'The log, in order',
    description:
      'JSON: a page; each element of `data` is the stored leaf, byte for byte. NDJSON: one leaf a line, streamed to the end of the log as it was when the request came. With `asOf` the log ends there.',
    operationId: 'listEvents',
  })
  @ApiExtraModels(EventPageView)
  @ApiResponse({
    status: 200,
    description: 'Events',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(EventPageView) } },
      'application/x-ndjson': { schema: { type: 'string' } },
      'text/csv': { schema: { type: 'string' } },
    },
  })
  @ApiProblems('UNKNOWN_PARAMETER', 'INVALID_PARAMETER', 'BAD_CURSOR', 'AS_OF_OUT_OF_RANGE', 'NOT_ACCEPTABLE')
  async list(@Query() query: ListEventsDto, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { cursor: text, limit = PAGE, format, bom, hxl, ...filters } = query;
    const cursor = text === undefined ? undefined : decodeCursor(text, filters, isPosition);
    const asOf = await this.log.asOf(query.asOf, cursor?.position);
    const filter = toFilter(query);
    const from = cursor === undefined ? (query.from ?? 0) : Number(cursor.after[0]) + 1;
    const wanted = wantedFormat(request, format, ['json', 'ndjson', 'csv']);

    if (wanted === 'ndjson') {
      const stretch = { from, head: asOf.position, limit: query.limit ?? Number.MAX_SAFE_INTEGER };
      return void reply.type(NDJSON_CONTENT_TYPE).send(streamLeaves(this.log.pool, filter, stretch));
    }
    const rows = await listEvents(this.log.pool, filter, { from, head: asOf.position, limit: limit + 1 });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const after = rows.length > limit && last !== undefined ? last.position : null;
    const next =
      after === null ? null : nextUrl(request, encodeCursor({ position: asOf.position, after: [after] }, filters));
    if (wanted === 'csv') {
      const cells = page.map(({ leaf }) => ({ leaf, event: JSON.parse(leaf) as EventCells['event'] }));
      return sendTable(reply, EVENT_COLUMNS, cells, { bom, hxl, next });
    }
    const stretch = { from: query.from ?? 0, head: asOf.position, limit };
    const total = await countEvents(this.log.pool, filter, stretch);
    const envelope = JSON.stringify({ next, total, asOf }).slice(1);
    // The leaves go out as they are stored: parsed and written again they would be the same only by promise.
    void reply
      .type('application/json; charset=utf-8')
      .send(`{"data":[${page.map(({ leaf }) => leaf).join(',')}],${envelope}`);
  }

  @Get(':position')
  @ApiOperation({ summary: 'One event with its verbatim leaf', operationId: 'getEvent' })
  @ApiParam({ name: 'position', schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } })
  @ApiExtraModels(LeafView)
  @ApiTable(EventView, 'The event')
  @ApiResponse({ status: 304, description: 'The client has it already; an event never changes' })
  @ApiProblems('UNKNOWN_PARAMETER', 'INVALID_PARAMETER', 'EVENT_NOT_FOUND', 'AS_OF_OUT_OF_RANGE', 'NOT_ACCEPTABLE')
  async one(
    @Param('position') text: string,
    @Query() { format, asOf: asked, ...options }: AsOfTableParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const position = toPosition(text);
    const wanted = wantedFormat(request, format, ['json', 'csv']);
    const asOf = await this.log.asOf(asked);
    const row = position > asOf.position ? null : await findEvent(this.log.pool, position);
    if (row === null)
      throw new Problem('EVENT_NOT_FOUND', `as of this state the log ends at position ${asOf.position}`);
    const identity = ['event', position, row.leaf, wanted, options];
    if (isFresh(request, reply, { identity, immutable: false })) return void reply.send();
    const event = JSON.parse(row.leaf) as LeafView;
    if (wanted === 'csv') {
      return sendTable(
        reply,
        EVENT_COLUMNS,
        [{ leaf: row.leaf, event: event as unknown as EventCells['event'] }],
        options,
      );
    }
    const leafHash = createHash('sha256')
      .update(Buffer.from([0]))
      .update(row.leaf)
      .digest('base64');
    void reply.send({ position, leaf: row.leaf, leafHash, event, asOf } satisfies EventView);
  }
}

function toFilter({ type, stream, recordedFrom }: ListEventsDto): EventFilter {
  if (recordedFrom === undefined) return { type, stream };
  const moment = toMoment(recordedFrom);
  if (moment === null) throw Problem.invalidParameter('recordedFrom', 'is no moment of the calendar');
  return { type, stream, recordedFrom: moment };
}

function toPosition(text: string): number {
  const position = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(position)) {
    throw Problem.invalidParameter('position', 'must be a whole number from 0 to 9007199254740991');
  }
  return position;
}
