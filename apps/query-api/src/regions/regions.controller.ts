import { Access, ApiProblems, type CsvColumn, decodeCursor, encodeCursor, nextUrl, READERS } from '#app/http-edge';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toStatedCsv } from '../asking/answer-state.js';
import { formatOf, sendAnswer } from '../asking/answer.js';
import { answers, ApiNotModified, AS_OF_PROBLEMS } from '../asking/documented.js';
import { LIMIT_DEFAULT, LIMIT_MAX } from '../asking/paging.dto.js';
import { asOfDto } from '../asking/pin.js';
import { FindRegions, GetRegion } from './find-regions.handler.js';
import {
  RegionDetailDto,
  type RegionDto,
  RegionParameters,
  RegionPath,
  RegionsDto,
  RegionsParameters,
} from './regions.dto.js';

const COLUMNS: readonly CsvColumn<RegionDto>[] = [
  { name: 'region_code', hxl: '#geo+code', value: ({ code }) => code },
  { name: 'level', hxl: '#geo+level', value: ({ level }) => level },
  { name: 'region_name', hxl: '#geo+name', value: ({ name }) => name },
  { name: 'parent', hxl: '#geo+code+parent', value: ({ parent }) => parent },
  { name: 'country', hxl: '#country+code', value: ({ country }) => country },
  { name: 'names', hxl: '#geo+name+alt', value: ({ names }) => names.join('|') },
  {
    name: 'codes',
    hxl: '#geo+code+alt',
    value: ({ codes }) => codes.map(({ scheme, code }) => `${scheme}:${code}`).join('|'),
  },
  {
    name: 'disputed_claims',
    hxl: '#geo+claim',
    value: ({ disputedClaims }) => disputedClaims.map(({ claimant, parent }) => `${claimant}: ${parent}`).join('|'),
  },
];

@ApiTags('regions')
@Controller('v1/regions')
@Access({ roles: READERS })
export class RegionsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'Areas of the boundary set', operationId: 'regions' })
  @ApiExtraModels(RegionsDto)
  @ApiResponse({ status: 200, description: 'Areas, by code', ...answers(RegionsDto, ['text/csv']) })
  @ApiNotModified()
  @ApiProblems(...AS_OF_PROBLEMS, 'UNKNOWN_REGION', 'BAD_CURSOR')
  async regions(
    @Query() asked: RegionsParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { limit: askedLimit, cursor: cursorText, format: askedFormat, bom, hxl, ...filters } = asked;
    const format = formatOf(askedFormat, request, ['json', 'csv']);
    const limit = askedLimit ?? (format === 'csv' ? LIMIT_MAX : LIMIT_DEFAULT);
    const isCode = (after: readonly unknown[]): boolean => after.length === 1 && typeof after[0] === 'string';
    const cursor = cursorText === undefined ? null : decodeCursor(cursorText, filters, isCode);
    const { pinned, found } = await this.queries.execute(new FindRegions(asked, cursor?.position));
    const after = String(cursor?.after[0] ?? '');
    const rest = found.filter(({ code }) => code > after);
    const data = rest.slice(0, limit);
    const last = rest.length > data.length ? (data.at(-1)?.code ?? null) : null;
    const next = nextUrl(
      request,
      last === null ? null : encodeCursor({ position: pinned.asOf.position, after: [last] }, filters),
    );
    const body =
      format === 'csv'
        ? toStatedCsv(COLUMNS, data, { pinned }, { bom: bom === true, hxl: hxl === true })
        : { data, next, total: found.length, asOf: asOfDto(pinned) };
    return sendAnswer(request, reply, { pinned, format, body, next });
  }

  @Get(':code')
  @ApiOperation({ summary: 'One area, with what is above and below it', operationId: 'region' })
  @ApiExtraModels(RegionDetailDto)
  @ApiResponse({ status: 200, description: 'The area', ...answers(RegionDetailDto, ['text/csv']) })
  @ApiNotModified()
  @ApiProblems(...AS_OF_PROBLEMS, 'REGION_NOT_FOUND')
  async region(
    @Param() { code }: RegionPath,
    @Query() asked: RegionParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const format = formatOf(asked.format, request, ['json', 'csv']);
    const { pinned, region } = await this.queries.execute(new GetRegion(code, asked));
    const csv = { bom: asked.bom === true, hxl: asked.hxl === true };
    const body = format === 'csv' ? toStatedCsv(COLUMNS, [region], { pinned }, csv) : region;
    return sendAnswer(request, reply, { pinned, format, body });
  }
}
