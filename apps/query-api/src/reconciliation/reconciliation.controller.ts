import { Access, ApiProblems, type CsvColumn, READERS } from '#app/http-edge';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toNdjson, toStatedCsv } from '../asking/answer-state.js';
import { formatOf } from '../asking/answer.js';
import { answers, ApiNotModified, AS_OF_PROBLEMS } from '../asking/documented.js';
import { asOfDto } from '../asking/pin.js';
import { publishedUntilOf } from '../asking/publication.js';
import { sendOpened } from '../official/send-list.js';
import { Reconcile } from './reconcile.handler.js';
import { type ComparisonRow, comparisonRows, RECONCILIATION_COLUMNS } from './reconciliation-csv.js';
import { ReconciliationParameters } from './reconciliation-parameters.dto.js';
import { ReconciliationDto } from './reconciliation.dto.js';

@ApiTags('official figures')
@Controller('v1/reconciliation')
@Access({ roles: READERS })
export class ReconciliationController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'An official series beside recorded incidents, area by area',
    operationId: 'reconciliation',
    description:
      'Neither side is altered to fit the other: what is left between them is shown, and why they differ is named one by one. CSV has a row for each area, for what is not allocated and for the whole.',
  })
  @ApiExtraModels(ReconciliationDto)
  @ApiResponse({
    status: 200,
    description: 'One comparison for each indicator and definition of the series',
    ...answers(ReconciliationDto, ['text/csv', 'application/x-ndjson']),
  })
  @ApiNotModified()
  @ApiProblems(...AS_OF_PROBLEMS, 'BOUNDARY_SET_PLACING', 'UNKNOWN_PUBLISHER', 'UNKNOWN_SERIES', 'AGGREGATE_NOT_FOUND')
  async reconciliation(
    @Query() asked: ReconciliationParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const format = formatOf(asked.format, request, ['json', 'csv', 'ndjson']);
    const { pinned, publication, data } = await this.queries.execute(new Reconcile(asked));
    const asOf = asOfDto(pinned);
    const publishedUntil = publishedUntilOf(publication);
    const state = { pinned, publishedUntil };
    const estimator = asked.estimator ?? null;
    const bodies = {
      json: () => JSON.stringify({ data, next: null, total: data.length, estimator, publishedUntil, asOf }),
      csv: () => {
        const columns: readonly CsvColumn<ComparisonRow>[] = RECONCILIATION_COLUMNS;
        const rows = data.flatMap((comparison) => comparisonRows(comparison, estimator, asOf));
        return toStatedCsv(columns, rows, state, { bom: asked.bom === true, hxl: asked.hxl === true });
      },
      ndjson: () => toNdjson(data, state),
    };
    return sendOpened(request, reply, { state, format, body: bodies[format]() });
  }
}
