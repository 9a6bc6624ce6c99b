import { Access, ApiProblems, type CsvColumn, READERS } from '#app/http-edge';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toStatedCsv } from '../asking/answer-state.js';
import { formatOf, sendAnswer } from '../asking/answer.js';
import { answers, ApiNotModified, AS_OF_PROBLEMS } from '../asking/documented.js';
import { asOfDto } from '../asking/pin.js';
import { ListSnapshots } from './list-snapshots.handler.js';
import { type SnapshotDto, SnapshotsDto, SnapshotsParameters } from './snapshots.dto.js';

const COLUMNS: readonly CsvColumn<SnapshotDto>[] = [
  { name: 'name', hxl: '#meta+snapshot', value: ({ name }) => name },
  { name: 'position', hxl: '#meta+position', value: ({ position }) => position },
  { name: 'recorded_at', hxl: '#date+recorded', value: ({ recordedAt }) => recordedAt },
  { name: 'projection', hxl: '#meta+projection', value: ({ projection }) => projection },
  { name: 'by', hxl: '#org+decided', value: ({ by }) => by },
  { name: 'digests_position', hxl: '#meta+digests', value: ({ digests }) => digests?.position ?? null },
];

@ApiTags('figures')
@Controller('v1/snapshots')
@Access({ roles: READERS })
export class SnapshotsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'Sealed snapshots',
    operationId: 'snapshots',
    description:
      'Names that stewards gave to positions. `asOf=<name>` reads figures at one, for ever the same. `digests` are recorded in the log once the figures have come so far.',
  })
  @ApiExtraModels(SnapshotsDto)
  @ApiResponse({
    status: 200,
    description: 'Snapshots, the first sealed first',
    ...answers(SnapshotsDto, ['text/csv']),
  })
  @ApiNotModified()
  @ApiProblems(...AS_OF_PROBLEMS)
  async snapshots(
    @Query() asked: SnapshotsParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const format = formatOf(asked.format, request, ['json', 'csv']);
    const { pinned, snapshots } = await this.queries.execute(new ListSnapshots(asked));
    if (format === 'csv') {
      const body = toStatedCsv(COLUMNS, snapshots, { pinned }, { bom: asked.bom === true, hxl: asked.hxl === true });
      return sendAnswer(request, reply, { pinned, format, body });
    }
    const body = { data: snapshots, next: null, total: snapshots.length, asOf: asOfDto(pinned) };
    return sendAnswer(request, reply, { pinned, format, body });
  }
}
