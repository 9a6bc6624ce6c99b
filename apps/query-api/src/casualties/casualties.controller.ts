import { Access, ApiProblems, decodeCursor, encodeCursor, nextUrl, toCsv, READERS } from '#app/http-edge';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { publishedUntilColumns } from '../asking/answer-state.js';
import { formatOf, sendAnswer } from '../asking/answer.js';
import { answers, ApiNotModified, FILTER_PROBLEMS } from '../asking/documented.js';
import { LIMIT_DEFAULT, LIMIT_MAX } from '../asking/paging.dto.js';
import { asOfDto } from '../asking/pin.js';
import { publishedUntilOf } from '../asking/publication.js';
import { casualtyColumns, casualtyRows } from './casualties-csv.js';
import { CasualtiesDto, CasualtiesParameters } from './casualties.dto.js';
import { GetCasualties } from './get-casualties.handler.js';

@ApiTags('figures')
@Controller('v1/casualties')
@Access({ roles: READERS })
export class CasualtiesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'Casualty figures',
    operationId: 'casualties',
    description:
      'Sums of intervals over incidents, grouped as asked. `measure` and `status` choose which figures are shown, all other filters which incidents count; so `incidents` does not depend on them, and what says nothing on a measure is counted in `silentIncidents`.',
  })
  @ApiExtraModels(CasualtiesDto)
  @ApiResponse({ status: 200, description: 'Figures', ...answers(CasualtiesDto, ['text/csv']) })
  @ApiNotModified()
  @ApiProblems(...FILTER_PROBLEMS, 'BAD_CURSOR', 'TOO_MANY_GROUPS')
  async casualties(
    @Query() asked: CasualtiesParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { limit: askedLimit, cursor: cursorText, format: askedFormat, bom, hxl, ...filters } = asked;
    const format = formatOf(askedFormat, request, ['json', 'csv']);
    const limit = askedLimit ?? (format === 'csv' ? LIMIT_MAX : LIMIT_DEFAULT);
    const cursor = cursorText === undefined ? null : decodeCursor(cursorText, filters, isOffset);
    const { pinned, groups, total, publication, candidates } = await this.queries.execute(
      new GetCasualties(asked, cursor?.position),
    );
    // The position is pinned and the order fixed, so the number of groups already shown says where the page begins.
    const first = Number(cursor?.after[0] ?? 0);
    const page = groups.slice(first, first + limit);
    const end = first + page.length;
    const next = nextUrl(
      request,
      end < groups.length ? encodeCursor({ position: pinned.asOf.position, after: [end] }, filters) : null,
    );
    const asOf = asOfDto(pinned);
    const estimator = asked.estimator ?? null;
    const state = { pinned, publishedUntil: publishedUntilOf(publication) };
    if (format === 'csv') {
      const rows = casualtyRows(page, { statuses: asked.status ?? [], estimator, asOf });
      const columns = [...casualtyColumns(asked.groupBy ?? []), ...publishedUntilColumns(state)];
      const body = toCsv(columns, rows, { bom: bom === true, hxl: hxl === true });
      return sendAnswer(request, reply, { ...state, format, body, next });
    }
    const body = {
      data: page.map(({ group, ...figures }) => ({ group, ...figures, openDuplicateCandidates: null })),
      next,
      total: { ...total, openDuplicateCandidates: candidates },
      groups: groups.length,
      estimator,
      publishedUntil: state.publishedUntil,
      asOf,
    };
    return sendAnswer(request, reply, { ...state, format, body, next });
  }
}

function isOffset(after: readonly unknown[]): boolean {
  return after.length === 1 && Number.isSafeInteger(after[0]) && Number(after[0]) > 0;
}
