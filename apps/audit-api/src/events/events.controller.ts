import { Controller, Get, Headers, Param, Query, Req, Res } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  Access,
  ApiProblems,
  decodeCursor,
  encodeCursor,
  isFresh,
  lastPosition,
  NDJSON_CONTENT_TYPE,
  nextUrl,
  Problem,
  type ToldFrom,
  READERS,
  serverSentEvent,
} from '#app/http-edge';
import { leafHash } from '#app/transparency';
import { AuditLog } from '../audit-log.js';
import { wantedFormat } from '../formats.js';
import { toMoment } from '../moments.js';
import { isPosition } from '../paging.js';
import { ApiTable, AsOfTableParameters, sendTable } from '../tables.js';
import { EVENT_COLUMNS, type EventCells } from './event-columns.js';
import { EventFollowers, leavesAfter } from './event-followers.js';
import { countEvents, type EventFilter, findEvent, listEvents } from './event-rows.js';
import { EventPageView, EventView, LeafView, ListEventsDto } from './events.dto.js';
import { POSITION_PARAMETER, toPosition } from './position.js';
import { streamLeaves } from './stream-leaves.js';

const PAGE = 100;

@ApiTags('events')
@Controller('v1/events')
@Access({ roles: READERS })
export class EventsController {
  constructor(
    private readonly log: AuditLog,
    private readonly followers: EventFollowers,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'The log, in order',
    description:
      'JSON: a page; each element of `data` is the stored leaf, byte for byte. NDJSON: one leaf a line, streamed to the end of the log as it was when the request came. With `asOf` the log ends there. Server-sent events: those that are there and then those that follow, named `leaf`, with the position as id; a reader that comes back with `Last-Event-ID` gets all that follows it: none is left out, none comes twice. An id without data, now and then, tells how far the stream is.',
    operationId: 'listEvents',
  })
  @ApiHeader({
    name: 'last-event-id',
    required: false,
    description: 'Server-sent events: position of the last one that was read; wins over `from`',
    schema: { type: 'string' },
  })
  @ApiExtraModels(EventPageView)
  @ApiResponse({
    status: 200,
    description: 'Events',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(EventPageView) } },
      'application/x-ndjson': { schema: { type: 'string' } },
      'text/csv': { schema: { type: 'string' } },
      'text/event-stream': { schema: serverSentEvent('A leaf, byte for byte') },
    },
  })
  @ApiProblems(
    'UNKNOWN_PARAMETER',
    'INVALID_PARAMETER',
    'BAD_CURSOR',
    'AS_OF_OUT_OF_RANGE',
    'NOT_ACCEPTABLE',
    'TOO_MANY_REQUESTS',
  )
  async list(
    @Query() query: ListEventsDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const wanted = wantedFormat(request, query.format, ['json', 'ndjson', 'csv', 'sse']);
    if (wanted === 'sse') {
      this.followers.admit(request);
      const from = await this.follow(query, lastPosition(lastEventId));
      return this.followers.answer(request, reply, from);
    }
    const { cursor: text, limit = PAGE, format: _format, bom, hxl, ...filters } = query;
    const cursor = text === undefined ? undefined : decodeCursor(text, filters, isPosition);
    const asOf = await this.log.asOf(query.asOf, cursor?.position);
    const filter = toFilter(query);
    const from = cursor === undefined ? (query.from ?? 0) : Number(cursor.after[0]) + 1;

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
  @ApiParam(POSITION_PARAMETER)
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
    void reply.send({
      position,
      leaf: row.leaf,
      leafHash: leafHash(Buffer.from(row.leaf)).toString('base64'),
      proof: `/v1/events/${position}/proof`,
      event,
      asOf,
    } satisfies EventView);
  }

  /** @param last position that the reader has; undefined: it begins with `from` @throws Problem AS_OF_OUT_OF_RANGE */
  private async follow(query: ListEventsDto, last: number | undefined): Promise<ToldFrom> {
    for (const name of ['limit', 'asOf', 'cursor'] as const) {
      if (query[name] !== undefined) throw Problem.invalidParameter(name, 'is not for a stream that has no end');
    }
    const { position: head } = await this.log.head();
    const after = last ?? (query.from ?? 0) - 1;
    if (after > head) throw new Problem('AS_OF_OUT_OF_RANGE', `the last position is ${head}, ${after} is beyond it`);
    return leavesAfter(after, this.log.pool, toFilter(query));
  }
}

function toFilter({ type, stream, recordedFrom }: ListEventsDto): EventFilter {
  if (recordedFrom === undefined) return { type, stream };
  const moment = toMoment(recordedFrom);
  if (moment === null) throw Problem.invalidParameter('recordedFrom', 'is no moment of the calendar');
  return { type, stream, recordedFrom: moment };
}
