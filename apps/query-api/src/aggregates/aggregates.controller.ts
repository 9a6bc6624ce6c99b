import { Access, ApiProblems, READERS } from '#app/http-edge';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answers, ApiNotModified, AS_OF_PROBLEMS } from '../asking/documented.js';
import { sendList } from '../official/send-list.js';
import { AGGREGATE_COLUMNS, aggregateRows } from './aggregate-view.js';
import { AggregatesDto, AggregatesParameters } from './aggregates.dto.js';
import { ListAggregates } from './list-aggregates.handler.js';

@ApiTags('official figures')
@Controller('v1/aggregates')
@Access({ roles: READERS })
export class AggregatesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'Official figures, as somebody else published them',
    operationId: 'aggregates',
    description:
      'Each published figure as it stands: a newer publication of the same figure replaces it, a withdrawal ends it from then on. Never part of casualty figures; `/v1/reconciliation` shows both side by side. CSV has a row for the whole, for each area and for what is left over.',
  })
  @ApiExtraModels(AggregatesDto)
  @ApiResponse({ status: 200, description: 'A page', ...answers(AggregatesDto, ['text/csv', 'application/x-ndjson']) })
  @ApiNotModified()
  @ApiProblems(...AS_OF_PROBLEMS, 'UNKNOWN_REGION', 'UNKNOWN_PUBLISHER', 'UNKNOWN_SERIES', 'BAD_CURSOR')
  aggregates(
    @Query() asked: AggregatesParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return sendList(reply, {
      asked,
      request,
      read: (page) => this.queries.execute(new ListAggregates(asked, page, request.caller)),
      columns: AGGREGATE_COLUMNS,
      csvRows: aggregateRows,
    });
  }
}
