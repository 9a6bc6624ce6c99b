import { tellState, toNdjson, toStatedCsv } from '../asking/answer-state.js';
import { Access, ApiProblems, isFresh, READERS } from '#app/http-edge';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FORMATS, formatOf, sendAnswer } from '../asking/answer.js';
import { answers, ApiNotModified, AS_OF_PROBLEMS } from '../asking/documented.js';
import { IncidentFeatureDto } from './features.dto.js';
import { GetIncident } from './get-incident.handler.js';
import { IncidentDetailDto, IncidentParameters, IncidentPath } from './incident-detail.dto.js';
import { feature, INCIDENT_COLUMNS } from './incident-view.js';

const { headers: HEADERS, content: CONTENT } = answers(IncidentDetailDto, ['text/csv', 'application/x-ndjson']);

@ApiTags('incidents')
@Controller('v1/incidents')
@Access({ roles: READERS })
export class IncidentController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':id')
  @ApiOperation({
    summary: 'One incident: consolidated figures, and what each source claims',
    operationId: 'incident',
    description:
      'Values that every reader may see are opened for each answer, so an erasure takes effect at once; what is confidential is opened for those whose role lets them see it, and counted for the others. CSV, GeoJSON and NDJSON hold the incident as a list shows it, without its sources.',
  })
  @ApiExtraModels(IncidentDetailDto, IncidentFeatureDto)
  @ApiResponse({
    status: 200,
    description: 'The incident',
    headers: HEADERS,
    content: { ...CONTENT, 'application/geo+json': { schema: { $ref: getSchemaPath(IncidentFeatureDto) } } },
  })
  @ApiNotModified()
  @ApiProblems(...AS_OF_PROBLEMS, 'INCIDENT_NOT_FOUND')
  async incident(
    @Param() { id }: IncidentPath,
    @Query() asked: IncidentParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const format = formatOf(asked.format, request, FORMATS);
    const { pinned, detail, incident } = await this.queries.execute(
      new GetIncident(id.toLowerCase(), asked, request.caller),
    );
    const state = { pinned, publishedUntil: detail.publishedUntil };
    switch (format) {
      case 'json':
        tellState(reply, state);
        return sendOpened(request, reply, detail);
      case 'csv': {
        const body = toStatedCsv(INCIDENT_COLUMNS, [incident], state, {
          bom: asked.bom === true,
          hxl: asked.hxl === true,
        });
        return sendAnswer(request, reply, { ...state, format, body });
      }
      case 'geojson':
        return sendAnswer(request, reply, {
          ...state,
          format,
          body: Object.assign(feature(incident), { publishedUntil: state.publishedUntil, asOf: detail.asOf }),
        });
      case 'ndjson':
        return sendAnswer(request, reply, { ...state, format, body: toNdjson([incident], state) });
    }
  }
}

/** It holds opened values: an erasure must reach every cache, so no copy is ever good without asking. */
async function sendOpened(request: FastifyRequest, reply: FastifyReply, detail: IncidentDetailDto): Promise<void> {
  const body = JSON.stringify(detail);
  if (isFresh(request, reply, { identity: body, immutable: false, keep: !request.caller.seesConfidential })) {
    await reply.send();
    return;
  }
  await reply.header('content-type', 'application/json; charset=utf-8').send(body);
}
