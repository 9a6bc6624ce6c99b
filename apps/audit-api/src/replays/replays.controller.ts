import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiExtraModels, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access, ApiProblems, type CsvColumn, NoParameters, Problem } from '#app/http-edge';
import { AuditLog } from '../audit-log.js';
import { wantedFormat } from '../formats.js';
import { requireUuid } from '../identifiers.js';
import { ApiTable, sendTable, TableParameters } from '../tables.js';
import { findReplay, type ReplayDigest } from './replay-rows.js';
import { ReplayRunner } from './replay-runner.js';
import { ReplayAnswerView, ReplayDigestView, StartReplayDto } from './replays.dto.js';

/** A replay as a table: one row a compared table, none while it runs. */
const COLUMNS: CsvColumn<ReplayDigest>[] = [
  { name: 'table', hxl: '#meta+table', value: (row) => row.table },
  { name: 'replayed', hxl: '#meta+digest+replayed', value: (row) => row.replayed },
  { name: 'live', hxl: '#meta+digest+live', value: (row) => row.live },
  { name: 'recorded', hxl: '#meta+digest+recorded', value: (row) => row.recorded },
  { name: 'same', hxl: '#status+same', value: (row) => row.same },
];

@ApiTags('replays')
@Controller('v1/replays')
@Access({ roles: ['auditor', 'operator'] })
export class ReplaysController {
  constructor(
    private readonly log: AuditLog,
    private readonly replays: ReplayRunner,
  ) {}

  @Post()
  @Access({ roles: ['auditor', 'operator'], isCostly: true })
  @HttpCode(202)
  @ApiOperation({
    summary: 'Rebuild the figures up to a position and compare them with the live ones',
    description:
      'The log is folded again into scratch tables; the digest of each is compared with that of the live table as of the position and, at a snapshot, with the one that the log holds; the kept balances are compared with the postings. One at a time.',
    operationId: 'startReplay',
  })
  @ApiExtraModels(ReplayDigestView)
  @ApiAcceptedResponse({ type: ReplayAnswerView, headers: { location: { schema: { type: 'string' } } } })
  @ApiProblems(
    'UNKNOWN_PARAMETER',
    'INVALID_BODY',
    'MALFORMED_JSON',
    'EMPTY_BODY',
    'AS_OF_OUT_OF_RANGE',
    'CONFLICT',
    'UNSUPPORTED_MEDIA_TYPE',
    'BODY_TOO_LARGE',
  )
  async start(
    @Body() { upTo }: StartReplayDto,
    @Query() _query: NoParameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReplayAnswerView> {
    const asOf = await this.log.head();
    const projected = await this.log.projected();
    if (upTo > projected) {
      throw new Problem(
        'AS_OF_OUT_OF_RANGE',
        `the figures reach position ${projected}; there is nothing to compare beyond it`,
      );
    }
    const started = await this.replays.start(upTo);
    if (started === null) throw new Problem('CONFLICT', 'a replay is running; wait until it is done');
    void reply.header('location', `/v1/replays/${started.id}`);
    return { ...started, asOf };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Progress and result of a replay', operationId: 'getReplay' })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiTable(ReplayAnswerView, 'The replay; as CSV its digests')
  @ApiProblems('UNKNOWN_PARAMETER', 'INVALID_PARAMETER', 'REPLAY_NOT_FOUND', 'NOT_ACCEPTABLE')
  async one(
    @Param('id') id: string,
    @Query() { format, ...options }: TableParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const wanted = wantedFormat(request, format, ['json', 'csv']);
    const asOf = await this.log.head();
    const found = await findReplay(this.log.pool, requireUuid('id', id));
    if (found === null) throw new Problem('REPLAY_NOT_FOUND', 'no replay was started under this id');
    if (wanted === 'csv') return sendTable(reply, COLUMNS, found.digests ?? [], options);
    void reply.send({ ...found, asOf } satisfies ReplayAnswerView);
  }
}
