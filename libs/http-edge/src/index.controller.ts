import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Access } from './access/access.decorator.js';
import { EdgeState } from './edge-state.js';
import { ApiProblems } from './openapi-decorators.js';
import { NoParameters } from './validation.pipe.js';

export class IndexDto {
  @ApiProperty()
  title!: string;

  @ApiProperty()
  description!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Paths: pages about every route, the document behind them, health and metrics',
  })
  links!: Record<string, string>;
}

/** Paths that every app has. */
const LINKS = {
  docs: '/docs',
  openapi: '/openapi.json',
  live: '/health/live',
  ready: '/health/ready',
  metrics: '/metrics',
} as const;

/** For whoever opens the address alone. */
@ApiTags('operation')
@Access('open')
@Controller()
export class IndexController {
  constructor(private readonly state: EdgeState) {}

  @Get()
  @ApiOperation({ summary: 'What this is, and where to go on', operationId: 'index' })
  @ApiOkResponse({ type: IndexDto })
  @ApiProblems('UNKNOWN_PARAMETER')
  index(@Query() _query: NoParameters): IndexDto {
    return { ...this.state.about, links: { ...LINKS } };
  }
}
