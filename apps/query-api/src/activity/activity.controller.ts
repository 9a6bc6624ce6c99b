import { Access, ApiProblems, type CsvColumn, decodeCursor, encodeCursor, nextUrl, READERS } from '#app/http-edge';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toStatedCsv } from '../asking/answer-state.js';
import { formatOf, sendAnswer } from '../asking/answer.js';
import { answers, ApiNotModified, FILTER_PROBLEMS } from '../asking/documented.js';
import { LIMIT_DEFAULT, LIMIT_MAX } from '../asking/paging.dto.js';
import { asOfDto } from '../asking/pin.js';
import { publishedUntilOf } from '../asking/publication.js';
import { ActivityDto, ActivityParameters, type ActivityPointDto } from './activity.dto.js';
import { ListActivity } from './list-activity.handler.js';

const COLUMNS: readonly CsvColumn<ActivityPointDto>[] = [
  { name: 'period', hxl: '#date+period', value: ({ period }) => period },
  { name: 'start', hxl: '#date+start', value: ({ start }) => start },
  { name: 'end', hxl: '#date+end', value: ({ end }) => end },
  { name: 'region_code', hxl: '#geo+code', value: ({ group }) => group.region?.code ?? group.region?.placedOnlyTo },
  { name: 'region_name', hxl: '#geo+name', value: ({ group }) => group.region?.name },
  { name: 'incident_type', hxl: '#event+type', value: ({ group }) => group.incidentType },
  { name: 'weapon', hxl: '#event+weapon', value: ({ group }) => group.weapon },
  { name: 'publisher', hxl: '#meta+source', value: ({ group }) => group.publisher },
  { name: 'verification', hxl: '#status+verification', value: ({ group }) => group.verification },
  { name: 'incidents', hxl: '#event+num', value: ({ incidents }) => incidents },
  { name: 'dated_only_to_week', hxl: '#event+num+week', value: ({ datedOnlyTo }) => datedOnlyTo.week },
  { name: 'dated_only_to_month', hxl: '#event+num+month', value: ({ datedOnlyTo }) => datedOnlyTo.month },
  { name: 'dated_only_to_year', hxl: '#event+num+year', value: ({ datedOnlyTo }) => datedOnlyTo.year },
  { name: 'change', hxl: '#event+num+change', value: ({ change }) => change?.absolute },
  { name: 'change_percent', hxl: '#event+pct+change', value: ({ change }) => change?.percent },
  { name: 'trailing_mean', hxl: '#event+num+mean', value: ({ trailingMean }) => trailingMean?.mean },
  { name: 'record', hxl: '#event+record', value: ({ record }) => record?.kind },
  { name: 'record_since', hxl: '#date+record', value: ({ record }) => record?.since },
];

@ApiTags('figures')
@Controller('v1/activity')
@Access({ roles: READERS })
export class ActivityController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'Incidents over time',
    operationId: 'activity',
    description:
      'Each period with its change against the one before, the mean of up to twelve before it, and whether it is the lowest or highest since when, all within the recorded series. With `measure` or `status`: incidents that say something on them.',
  })
  @ApiExtraModels(ActivityDto)
  @ApiResponse({
    status: 200,
    description: 'Points, one series after the other',
    ...answers(ActivityDto, ['text/csv']),
  })
  @ApiNotModified()
  @ApiProblems(...FILTER_PROBLEMS, 'BAD_CURSOR', 'TOO_MANY_GROUPS')
  async activity(
    @Query() asked: ActivityParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { limit: askedLimit, cursor: cursorText, format: askedFormat, bom, hxl, ...filters } = asked;
    const format = formatOf(askedFormat, request, ['json', 'csv']);
    const limit = askedLimit ?? (format === 'csv' ? LIMIT_MAX : LIMIT_DEFAULT);
    const cursor = cursorText === undefined ? null : decodeCursor(cursorText, filters, isOffset);
    const { pinned, interval, points, publication, candidates } = await this.queries.execute(
      new ListActivity(asked, cursor?.position),
    );
    const first = Number(cursor?.after[0] ?? 0);
    const data = points.slice(first, first + limit);
    const end = first + data.length;
    const next = nextUrl(
      request,
      end < points.length ? encodeCursor({ position: pinned.asOf.position, after: [end] }, filters) : null,
    );
    const state = { pinned, publishedUntil: publishedUntilOf(publication) };
    if (format === 'csv') {
      const body = toStatedCsv(COLUMNS, data, state, { bom: bom === true, hxl: hxl === true });
      return sendAnswer(request, reply, { ...state, format, body, next });
    }
    const body = {
      data,
      next,
      total: points.length,
      incidents: sum(points),
      placedOnlyToLongerPeriods: sum(points.filter(({ period }) => period === null)),
      interval,
      openDuplicateCandidates: candidates,
      publishedUntil: state.publishedUntil,
      asOf: asOfDto(pinned),
    };
    return sendAnswer(request, reply, { ...state, format, body, next });
  }
}

function sum(points: readonly ActivityPointDto[]): number {
  return points.reduce((total, { incidents }) => total + incidents, 0);
}

function isOffset(after: readonly unknown[]): boolean {
  return after.length === 1 && Number.isSafeInteger(after[0]) && Number(after[0]) > 0;
}
