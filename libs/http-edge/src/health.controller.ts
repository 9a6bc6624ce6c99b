import { Controller, Get, Logger, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Access } from './access/access.decorator.js';
import { readiness } from './checks.js';
import { EdgeState } from './edge-state.js';
import { ApiProblems } from './openapi-decorators.js';
import { Problem } from './problem.js';
import { NoParameters } from './validation.pipe.js';

export class LiveDto {
  @ApiProperty({ enum: ['live'] })
  status!: 'live';
}

export class ReadyDto {
  @ApiProperty({ enum: ['ready'] })
  status!: 'ready';

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'object', additionalProperties: true },
    description: 'Each check with its status and details',
  })
  checks!: Record<string, unknown>;
}

@ApiTags('operation')
@Access('open')
@Controller('health')
export class HealthController {
  private readonly log = new Logger('health');

  constructor(private readonly state: EdgeState) {}

  @Get('live')
  @ApiOperation({ summary: 'The process runs', operationId: 'healthLive' })
  @ApiOkResponse({ type: LiveDto })
  @ApiProblems('UNKNOWN_PARAMETER')
  live(@Query() _query: NoParameters): LiveDto {
    return { status: 'live' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'The process can do its work: what it depends on answers', operationId: 'healthReady' })
  @ApiOkResponse({ type: ReadyDto })
  @ApiProblems('UNKNOWN_PARAMETER', 'NOT_READY')
  async ready(@Query() _query: NoParameters): Promise<ReadyDto> {
    if (this.state.isDraining) throw new Problem('NOT_READY', 'shutting down', { members: { checks: {} } });
    const { status, checks } = await readiness(this.state.checks, (name, error) =>
      this.log.warn({ check: name, err: error }),
    );
    if (status === 'ready') return { status, checks };
    const down = Object.keys(checks).filter((name) => checks[name]?.status === 'down');
    throw new Problem('NOT_READY', `down: ${down.join(', ')}`, { members: { checks } });
  }
}
