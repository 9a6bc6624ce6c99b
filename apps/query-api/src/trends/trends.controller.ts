import { Access, ApiProblems, READERS } from '#app/http-edge';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answers, ApiNotModified, AS_OF_PROBLEMS } from '../asking/documented.js';
import { sendList } from '../official/send-list.js';
import { ListTrends } from './list-trends.handler.js';
import { TREND_COLUMNS } from './trend-view.js';
import { TrendsDto, TrendsParameters } from './trends.dto.js';

@ApiTags('official figures')
@Controller('v1/trends')
@Access({ roles: READERS })
export class TrendsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'Assertions about a course of things, with who says them',
    operationId: 'trends',
    description:
      'What somebody asserts without a number of its own ("re-emergence of car bombs in Kirkuk and Mosul"). No number is made of it, and no figure depends on it.',
  })
  @ApiExtraModels(TrendsDto)
  @ApiResponse({ status: 200, description: 'A page', ...answers(TrendsDto, ['text/csv', 'application/x-ndjson']) })
  @ApiNotModified()
  @ApiProblems(...AS_OF_PROBLEMS, 'UNKNOWN_REGION', 'UNKNOWN_PUBLISHER', 'BAD_CURSOR')
  trends(@Query() asked: TrendsParameters, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return sendList(reply, {
      asked,
      request,
      read: (page) => this.queries.execute(new ListTrends(asked, page, request.caller)),
      columns: TREND_COLUMNS,
      csvRows: (trend) => [trend],
    });
  }
}
