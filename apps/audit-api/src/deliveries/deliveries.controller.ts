import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblems, NoParameters, Problem } from '#app/http-edge';
import { identityOf } from '#app/log';
import { AuditLog } from '../audit-log.js';
import { DeliveriesView, DeliveryAnswerView, FindDeliveriesDto } from './deliveries.dto.js';
import { findDeliveries, findDelivery } from './find-delivery.js';

const PARTITION_MAX = 2_147_483_647;

@ApiTags('deliveries')
@Controller('v1/deliveries')
export class DeliveriesController {
  constructor(private readonly log: AuditLog) {}

  @Get(':topic/:partition/:offset')
  @ApiOperation({ summary: 'What became of the message at one place of Kafka', operationId: 'getDelivery' })
  @ApiParam({ name: 'topic', schema: { type: 'string', maxLength: 249 } })
  @ApiParam({ name: 'partition', schema: { type: 'integer', minimum: 0, maximum: PARTITION_MAX } })
  @ApiParam({ name: 'offset', schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } })
  @ApiOkResponse({ type: DeliveryAnswerView })
  @ApiProblems('UNKNOWN_PARAMETER', 'INVALID_PARAMETER', 'DELIVERY_NOT_FOUND')
  async at(
    @Param('topic') topic: string,
    @Param('partition') partition: string,
    @Param('offset') offset: string,
    @Query() _query: NoParameters,
  ): Promise<DeliveryAnswerView> {
    const at = {
      topic,
      partition: wholeNumber('partition', partition, PARTITION_MAX),
      offset: wholeNumber('offset', offset, Number.MAX_SAFE_INTEGER),
    };
    const asOf = await this.log.head();
    const delivery = await findDelivery(this.log.pool, at);
    if (delivery !== null) return { ...delivery, asOf };
    throw new Problem(
      'DELIVERY_NOT_FOUND',
      'this partition has never been read, or the message was gone from Kafka before it was read',
    );
  }

  @Get()
  @ApiOperation({
    summary: 'Every delivery of one CloudEvent: recorded, refused, repeated',
    operationId: 'findDeliveries',
  })
  @ApiOkResponse({ type: DeliveriesView })
  @ApiProblems('UNKNOWN_PARAMETER', 'INVALID_PARAMETER', 'DELIVERY_NOT_FOUND')
  async of(@Query() { source, id }: FindDeliveriesDto): Promise<DeliveriesView> {
    const asOf = await this.log.head();
    const data = await findDeliveries(this.log.pool, { source, id, identity: identityOf(source, id) });
    if (data.length > 0) return { data, next: null, total: data.length, asOf };
    throw new Problem('DELIVERY_NOT_FOUND', 'no message with this source and id has been read');
  }
}

function wholeNumber(parameter: string, text: string, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= max) return value;
  throw Problem.invalidParameter(parameter, `must be a whole number from 0 to ${max}`);
}
