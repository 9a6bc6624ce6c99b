import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access } from './access/access.decorator.js';
import { EdgeState } from './edge-state.js';
import { ApiProblems } from './openapi-decorators.js';
import { NoParameters } from './validation.pipe.js';

@ApiTags('operation')
@Access({ roles: ['operator'] })
@Controller('metrics')
export class MetricsController {
  constructor(private readonly state: EdgeState) {}

  @Get()
  @ApiOperation({ summary: 'Metrics in the text format of Prometheus', operationId: 'metrics' })
  @ApiOkResponse({ description: 'Prometheus text', content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblems('UNKNOWN_PARAMETER')
  async metrics(@Query() _query: NoParameters, @Res() reply: FastifyReply): Promise<void> {
    await reply.header('content-type', this.state.registry.contentType).send(await this.state.registry.metrics());
  }
}
