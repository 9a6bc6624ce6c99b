import { Access, ApiProblems, lastPosition, Problem, READERS, serverSentEvent } from '#app/http-edge';
import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FILTER_PROBLEMS } from '../asking/documented.js';
import { pin } from '../asking/pin.js';
import { resolveFilter } from '../asking/resolve-filter.js';
import { ReadDatabase } from '../database/read-database.js';
import { ChangeFeed } from './change-feed.js';
import { ChangeEventDto, ChangesParameters } from './changes.dto.js';
import { changesFor, type Wanted } from './changes-for.js';

@ApiTags('figures')
@Controller('v1/changes')
@Access({ roles: READERS })
export class ChangesController {
  constructor(
    private readonly database: ReadDatabase,
    private readonly feed: ChangeFeed,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Live changes, as server-sent events',
    operationId: 'changes',
    description:
      'One event per recorded event that changed an incident; its id is the position. A reader that comes back with `Last-Event-ID` gets all that follows it: none is left out, none comes twice. With filters: events on incidents that the filter counts before or after. An id without data, now and then, tells how far the stream is. A reader that takes nothing for 15 seconds is let go.',
  })
  @ApiHeader({
    name: 'last-event-id',
    required: false,
    description: 'Position of the last event that was read',
    schema: { type: 'string' },
  })
  @ApiExtraModels(ChangeEventDto)
  @ApiResponse({
    status: 200,
    description: 'Events named `change`',
    content: { 'text/event-stream': { schema: serverSentEvent('A ChangeEventDto') } },
  })
  @ApiProblems(...FILTER_PROBLEMS, 'TOO_MANY_REQUESTS')
  async changes(
    @Query() asked: ChangesParameters,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.feed.admit(request);
    const { since, ...filters } = asked;
    const wanted = await this.begin(filters, lastPosition(lastEventId) ?? since);
    await this.feed.answer(request, reply, changesFor(this.database, wanted));
  }

  private begin(filters: Omit<ChangesParameters, 'since'>, since: number | undefined): Promise<Wanted> {
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, filters);
      const { position } = pinned.asOf;
      if (since !== undefined && since > position) {
        throw new Problem('AS_OF_OUT_OF_RANGE', `the last position is ${position}, ${since} is beyond it`);
      }
      const filter = await resolveFilter(tx, filters, pinned);
      const isFiltered = Object.entries(filters).some(([name, value]) => name !== 'boundary' && value !== undefined);
      return { filter: isFiltered ? filter : null, position: since ?? position };
    });
  }
}
