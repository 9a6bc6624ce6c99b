import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  Access,
  authorOf,
  type Caller,
  ApiProblems,
  type CsvColumn,
  decodeCursor,
  encodeCursor,
  NoParameters,
  nextUrl,
  Problem,
} from '#app/http-edge';
import { AuditLog } from '../audit-log.js';
import { wantedFormat } from '../formats.js';
import { requireUuid } from '../identifiers.js';
import { isPosition } from '../paging.js';
import { ApiTable, AsOfTableParameters, sendTable } from '../tables.js';
import { findRejection, listRejections, type Rejection } from './rejection-rows.js';
import {
  DecisionSentView,
  ListRejectionsDto,
  RejectionAnswerView,
  RejectionPageView,
  ResolveRejectionDto,
} from './rejections.dto.js';
import { DecisionSender, type ResolveDecision } from './decision-sender.js';

const ID = { name: 'id', schema: { type: 'string', format: 'uuid' } } as const;

const COLUMNS: CsvColumn<Rejection>[] = [
  { name: 'id', hxl: '#meta+id', value: (row) => row.id },
  { name: 'status', hxl: '#status', value: (row) => row.status },
  { name: 'position', hxl: '#meta+position', value: (row) => row.position },
  { name: 'received_at', hxl: '#date+received', value: (row) => row.receivedAt },
  { name: 'topic', hxl: '#meta+topic', value: (row) => row.topic },
  { name: 'partition', hxl: '#meta+partition', value: (row) => row.partition },
  { name: 'offset', hxl: '#meta+offset', value: (row) => row.offset },
  { name: 'stage', hxl: '#meta+stage', value: (row) => row.stage },
  { name: 'code', hxl: '#meta+code', value: (row) => row.code },
  { name: 'ce_source', hxl: '#meta+source', value: (row) => row.ceSource },
  { name: 'ce_id', hxl: '#meta+source+id', value: (row) => row.ceId },
  {
    name: 'problems',
    hxl: '#description',
    value: (row) => row.problems.map((p) => `${p.code} ${p.pointer}`).join('; '),
  },
];

@ApiTags('rejections')
@Controller('v1/rejections')
@Access({ roles: ['steward', 'auditor', 'operator'] })
export class RejectionsController {
  constructor(
    private readonly log: AuditLog,
    private readonly decisions: DecisionSender,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Messages that could not be recorded, oldest first',
    description: 'With `asOf` those that had been refused by then; `status` is what it was then.',
    operationId: 'listRejections',
  })
  @ApiTable(RejectionPageView, 'Rejections')
  @ApiProblems('UNKNOWN_PARAMETER', 'INVALID_PARAMETER', 'BAD_CURSOR', 'AS_OF_OUT_OF_RANGE', 'NOT_ACCEPTABLE')
  async list(
    @Query() { cursor: text, limit = 100, format, bom, hxl, ...filter }: ListRejectionsDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const cursor = text === undefined ? undefined : decodeCursor(text, filter, isPosition);
    const asOf = await this.log.asOf(filter.asOf, cursor?.position);
    const wanted = wantedFormat(request, format, ['json', 'csv']);
    const after = cursor === undefined ? -1 : Number(cursor.after[0]);
    const found = await listRejections(this.log.pool, filter, { head: asOf.position, after, limit: limit + 1 });
    const data = found.rejections.slice(0, limit);
    const last = found.rejections.length > limit ? data.at(-1) : undefined;
    const next =
      last === undefined
        ? null
        : nextUrl(request, encodeCursor({ position: asOf.position, after: [last.position] }, filter));
    if (wanted === 'json') return void reply.send({ data, next, total: found.total, asOf });
    sendTable(reply, COLUMNS, data, { bom, hxl, next });
  }

  @Get(':id')
  @ApiOperation({ summary: 'One rejection with every problem and its pointer', operationId: 'getRejection' })
  @ApiParam(ID)
  @ApiTable(RejectionAnswerView, 'The rejection')
  @ApiProblems('UNKNOWN_PARAMETER', 'INVALID_PARAMETER', 'REJECTION_NOT_FOUND', 'AS_OF_OUT_OF_RANGE', 'NOT_ACCEPTABLE')
  async one(
    @Param('id') id: string,
    @Query() { format, asOf: asked, ...options }: AsOfTableParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const wanted = wantedFormat(request, format, ['json', 'csv']);
    const asOf = await this.log.asOf(asked);
    const rejection = await this.find(id, asOf.position);
    if (wanted === 'csv') return sendTable(reply, COLUMNS, [rejection], options);
    void reply.send({ ...rejection, asOf } satisfies RejectionAnswerView);
  }

  @Post(':id/requeue')
  @Access({ roles: ['steward'] })
  @HttpCode(202)
  @ApiOperation({
    summary: 'Process the message again',
    description: 'Sends a REQUEUE decision through Kafka; the answer names the place where it lies.',
    operationId: 'requeueRejection',
  })
  @ApiParam(ID)
  @ApiAcceptedResponse({ type: DecisionSentView })
  @ApiProblems(
    'UNKNOWN_PARAMETER',
    'INVALID_PARAMETER',
    'INVALID_BODY',
    'MALFORMED_JSON',
    'AUTHOR_NOT_CALLER',
    'REJECTION_NOT_FOUND',
    'REJECTION_ALREADY_RESOLVED',
    'UNSUPPORTED_MEDIA_TYPE',
    'BODY_TOO_LARGE',
  )
  requeue(
    @Param('id') id: string,
    @Body() body: ResolveRejectionDto,
    @Query() _query: NoParameters,
    @Req() { caller }: FastifyRequest,
  ): Promise<DecisionSentView> {
    return this.resolve(id, { kind: 'REQUEUE', by: deciderOf(caller, body), reason: body.reason });
  }

  @Post(':id/discard')
  @Access({ roles: ['steward'] })
  @HttpCode(202)
  @ApiOperation({
    summary: 'Close the rejection for good',
    description: 'Sends a DISCARD decision through Kafka; the answer names the place where it lies.',
    operationId: 'discardRejection',
  })
  @ApiParam(ID)
  @ApiAcceptedResponse({ type: DecisionSentView })
  @ApiProblems(
    'UNKNOWN_PARAMETER',
    'INVALID_PARAMETER',
    'INVALID_BODY',
    'MALFORMED_JSON',
    'AUTHOR_NOT_CALLER',
    'REJECTION_NOT_FOUND',
    'REJECTION_ALREADY_RESOLVED',
    'UNSUPPORTED_MEDIA_TYPE',
    'BODY_TOO_LARGE',
  )
  discard(
    @Param('id') id: string,
    @Body() body: ResolveRejectionDto,
    @Query() _query: NoParameters,
    @Req() { caller }: FastifyRequest,
  ): Promise<DecisionSentView> {
    return this.resolve(id, { kind: 'DISCARD', by: deciderOf(caller, body), reason: body.reason });
  }

  private async find(text: string, head: number): Promise<Rejection> {
    const rejection = await findRejection(this.log.pool, requireUuid('id', text), head);
    if (rejection === null) throw new Problem('REJECTION_NOT_FOUND', 'no message was refused under this id');
    return rejection;
  }

  private async resolve(id: string, decision: Omit<ResolveDecision, 'rejection'>): Promise<DecisionSentView> {
    const rejection = await this.find(id, (await this.log.head()).position);
    // Only a courtesy: two stewards can still be quick enough to both get 202, and then ingest refuses the second decision.
    if (rejection.status !== 'OPEN') {
      throw new Problem('REJECTION_ALREADY_RESOLVED', `this rejection is ${rejection.status.toLowerCase()} already`);
    }
    const { topic, partition, offset, id: sent } = await this.decisions.send({ ...decision, rejection: rejection.id });
    return { id: sent, topic, partition, offset, status: `/v1/deliveries/${topic}/${partition}/${offset}` };
  }
}

/** @throws Problem INVALID_BODY when nobody says who decides; AUTHOR_NOT_CALLER */
function deciderOf(caller: Caller, { by }: ResolveRejectionDto): string {
  const author = authorOf(caller, by);
  if (typeof author === 'string') return author;
  const detail = 'must say who decides';
  throw new Problem('INVALID_BODY', detail, { errors: [{ pointer: '/by', code: 'REQUIRED', detail }] });
}
