import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access, ApiProblems, type CsvColumn, Problem } from '#app/http-edge';
import { identityOf } from '#app/log';
import { AuditLog } from '../audit-log.js';
import { wantedFormat } from '../formats.js';
import { ApiTable, sendTable, TableParameters } from '../tables.js';
import { DeliveriesView, DeliveryAnswerView, FindDeliveriesDto, PlaceDto } from './deliveries.dto.js';
import { type Delivery, findDeliveries, findDelivery } from './find-delivery.js';

const COLUMNS: CsvColumn<Delivery>[] = [
  { name: 'topic', hxl: '#meta+topic', value: (row) => row.topic },
  { name: 'partition', hxl: '#meta+partition', value: (row) => row.partition },
  { name: 'offset', hxl: '#meta+offset', value: (row) => row.offset },
  { name: 'status', hxl: '#status', value: (row) => row.status },
  { name: 'position', hxl: '#meta+position', value: (row) => row.position },
  { name: 'event_id', hxl: '#meta+id', value: (row) => row.eventId },
  { name: 'rejection', hxl: '#meta+rejection+id', value: (row) => row.rejection },
  { name: 'code', hxl: '#meta+code', value: (row) => row.code },
];

@ApiTags('deliveries')
@Controller('v1/deliveries')
@Access({ roles: ['publisher', 'steward', 'auditor', 'operator'] })
export class DeliveriesController {
  constructor(private readonly log: AuditLog) {}

  @Get(':topic/:partition/:offset')
  @ApiOperation({ summary: 'What became of the message at one place of Kafka', operationId: 'getDelivery' })
  @ApiTable(DeliveryAnswerView, 'The delivery')
  @ApiProblems('UNKNOWN_PARAMETER', 'INVALID_PARAMETER', 'DELIVERY_NOT_FOUND', 'NOT_ACCEPTABLE')
  async at(
    @Param() at: PlaceDto,
    @Query() { format, ...options }: TableParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const wanted = wantedFormat(request, format, ['json', 'csv']);
    const asOf = await this.log.head();
    const delivery = await findDelivery(this.log.pool, at);
    if (delivery === null) {
      throw new Problem(
        'DELIVERY_NOT_FOUND',
        'this partition has never been read, or the message was gone from Kafka before it was read',
      );
    }
    if (wanted === 'csv') return sendTable(reply, COLUMNS, [delivery], options);
    void reply.send({ ...delivery, asOf } satisfies DeliveryAnswerView);
  }

  @Get()
  @ApiOperation({
    summary: 'Every delivery of one CloudEvent: recorded, refused, repeated',
    operationId: 'findDeliveries',
  })
  @ApiTable(DeliveriesView, 'The deliveries')
  @ApiProblems('UNKNOWN_PARAMETER', 'INVALID_PARAMETER', 'DELIVERY_NOT_FOUND', 'NOT_ACCEPTABLE')
  async of(
    @Query() { source, id, format, ...options }: FindDeliveriesDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const wanted = wantedFormat(request, format, ['json', 'csv']);
    const asOf = await this.log.head();
    const data = await findDeliveries(this.log.pool, { source, id, identity: identityOf(source, id) });
    if (data.length === 0) throw new Problem('DELIVERY_NOT_FOUND', 'no message with this source and id has been read');
    if (wanted === 'csv') return sendTable(reply, COLUMNS, data, options);
    void reply.send({ data, next: null, total: data.length, asOf } satisfies DeliveriesView);
  }
}
