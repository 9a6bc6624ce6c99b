import { Access, ApiProblems, type Cursor, decodeCursor, encodeCursor, nextUrl, READERS } from '#app/http-edge';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toNdjson, toStatedCsv } from '../asking/answer-state.js';
import { formatOf, sendAnswer } from '../asking/answer.js';
import { answers, ApiNotModified, FILTER_PROBLEMS } from '../asking/documented.js';
import { LIMIT_DEFAULT, LIMIT_MAX } from '../asking/paging.dto.js';
import { asOfDto } from '../asking/pin.js';
import { UUID } from '../incidents/incidents.controller.js';
import { DUPLICATE_COLUMNS, duplicateDto } from './duplicate-view.js';
import { DuplicatesDto, DuplicatesParameters } from './duplicates.dto.js';
import { type DuplicateCursor, ListDuplicates } from './list-duplicates.handler.js';

@ApiTags('incidents')
@Controller('v1/duplicates')
@Access({ roles: READERS })
export class DuplicatesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'Pairs of incidents that may be one, the most alike first',
    operationId: 'duplicates',
    description:
      'Proposed by rule, between publishers. A pair ends when a steward merges the two or says that they are not one (REJECT_DUPLICATE), or when what is known of them does not match any more.',
  })
  @ApiExtraModels(DuplicatesDto)
  @ApiResponse({
    status: 200,
    description: 'A page; NDJSON holds one pair a line',
    ...answers(DuplicatesDto, ['text/csv', 'application/x-ndjson']),
  })
  @ApiNotModified()
  @ApiProblems(...FILTER_PROBLEMS, 'INCIDENT_NOT_FOUND', 'BAD_CURSOR')
  async duplicates(
    @Query() asked: DuplicatesParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { limit: askedLimit, cursor: cursorText, format: askedFormat, bom, hxl, ...filters } = asked;
    const format = formatOf(askedFormat, request, ['json', 'csv', 'ndjson']);
    const limit = askedLimit ?? (format === 'json' ? LIMIT_DEFAULT : LIMIT_MAX);
    const cursor = cursorText === undefined ? null : cursorOf(decodeCursor(cursorText, filters, isKey));
    const list = await this.queries.execute(new ListDuplicates(asked, { limit, cursor }));
    const { pinned, after, total } = list;
    const following = (key: NonNullable<typeof after>): string =>
      encodeCursor({ position: pinned.asOf.position, after: [...key, total] }, filters);
    const next = nextUrl(request, after === null ? null : following(after));
    const data = list.rows.map((row) => duplicateDto(row, pinned.boundary));
    const bodies = {
      json: () => ({ data, next, total, asOf: asOfDto(pinned) }),
      csv: () => toStatedCsv(DUPLICATE_COLUMNS, data, { pinned }, { bom: bom === true, hxl: hxl === true }),
      ndjson: () => toNdjson(data, { pinned }),
    };
    await sendAnswer(request, reply, { pinned, format, body: bodies[format](), next });
  }
}

function isKey([score, a, b, total, ...more]: readonly unknown[]): boolean {
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
  const isId = (value: unknown): boolean => typeof value === 'string' && UUID.test(value);
  return more.length === 0 && isCount(score) && isId(a) && isId(b) && isCount(total);
}

/** After `isKey` has looked at it. */
function cursorOf({ position, after: [score, a, b, total] }: Cursor): DuplicateCursor {
  return { position, after: [Number(score), String(a), String(b)], total: Number(total) };
}
