import { Access, ApiProblems, READERS } from '#app/http-edge';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answers, ApiNotModified, AS_OF_PROBLEMS } from '../asking/documented.js';
import { sendList } from '../official/send-list.js';
import { ListSites } from './list-sites.handler.js';
import { SITE_COLUMNS, siteRows } from './site-view.js';
import { SitesDto, SitesParameters } from './sites.dto.js';

@ApiTags('official figures')
@Controller('v1/sites')
@Access({ roles: READERS })
export class SitesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'Stocks: what was found, such as mass graves',
    operationId: 'sites',
    description: 'A stock is no event of the day on which it was found: nothing of it counts in any casualty figure.',
  })
  @ApiExtraModels(SitesDto)
  @ApiResponse({ status: 200, description: 'A page', ...answers(SitesDto, ['text/csv', 'application/x-ndjson']) })
  @ApiNotModified()
  @ApiProblems(...AS_OF_PROBLEMS, 'UNKNOWN_REGION', 'UNKNOWN_PUBLISHER', 'BAD_CURSOR')
  sites(@Query() asked: SitesParameters, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return sendList(reply, {
      asked,
      request,
      read: (page) => this.queries.execute(new ListSites(asked, page, request.caller)),
      columns: SITE_COLUMNS,
      csvRows: siteRows,
    });
  }
}
