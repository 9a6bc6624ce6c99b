import { ApiProblems, isFresh } from '#app/http-edge';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AsOfParameters } from '../asking/as-of.dto.js';
import { answers, ApiNotModified, AS_OF_PROBLEMS } from '../asking/documented.js';
import { GetIncident } from './get-incident.handler.js';
import { IncidentDetailDto, IncidentPath } from './incident-detail.dto.js';

@ApiTags('incidents')
@Controller('v1/incidents')
export class IncidentController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':id')
  @ApiOperation({
    summary: 'One incident: consolidated figures, and what each source claims',
    operationId: 'incident',
    description: 'Values that every reader may see are opened for each answer, so an erasure takes effect at once.',
  })
  @ApiExtraModels(IncidentDetailDto)
  @ApiResponse({ status: 200, description: 'The incident', ...answers(IncidentDetailDto, []) })
  @ApiNotModified()
  @ApiProblems(...AS_OF_PROBLEMS, 'INCIDENT_NOT_FOUND')
  async incident(
    @Param() { id }: IncidentPath,
    @Query() asked: AsOfParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const detail = await this.queries.execute(new GetIncident(id.toLowerCase(), asked));
    const body = JSON.stringify(detail);
    // It holds opened values: an erasure must reach every cache, so no copy is ever good without asking.
    if (isFresh(request, reply, { identity: body, immutable: false })) {
      await reply.send();
      return;
    }
    await reply.header('content-type', 'application/json; charset=utf-8').send(body);
  }
}
