import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsNotEmpty, IsString, Max, MaxLength, Min } from 'class-validator';
import { IntegerParameter } from '#app/http-edge';
import { AsOfView } from '../audit.view.js';
import { TableParameters } from '../tables.js';
import type { Delivery } from './find-delivery.js';

const PARTITION_MAX = 2_147_483_647;

/** A place in Kafka, as it stands in the path. */
export class PlaceDto {
  @ApiProperty({ maxLength: 249 })
  @IsString()
  @MaxLength(249)
  topic!: string;

  @ApiProperty({ type: 'integer', minimum: 0, maximum: PARTITION_MAX })
  @IntegerParameter()
  @IsInt()
  @Min(0)
  @Max(PARTITION_MAX)
  partition!: number;

  @ApiProperty({ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
  @IntegerParameter()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  offset!: number;
}

export class FindDeliveriesDto extends TableParameters {
  @ApiProperty({ description: 'CloudEvents source', maxLength: 2048, minLength: 1 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(2048)
  source!: string;

  @ApiProperty({ description: 'CloudEvents id', maxLength: 2048, minLength: 1 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(2048)
  id!: string;
}

export class DeliveryView implements Delivery {
  @ApiProperty()
  topic!: string;

  @ApiProperty({ type: 'integer', minimum: 0 })
  partition!: number;

  @ApiProperty({ type: 'integer', minimum: 0 })
  offset!: number;

  @ApiProperty({
    enum: ['PENDING', 'RECORDED', 'DUPLICATE', 'REJECTED'],
    description:
      'PENDING: ingest has not read this far. DUPLICATE: the same message was recorded before, at `position`.',
  })
  status!: Delivery['status'];

  @ApiProperty({ type: 'integer', nullable: true })
  position!: number | null;

  @ApiProperty({ type: 'string', format: 'uuid', nullable: true })
  eventId!: string | null;

  @ApiProperty({ type: 'string', format: 'uuid', nullable: true })
  rejection!: string | null;

  @ApiProperty({ type: 'string', nullable: true, description: 'Why it was refused' })
  code!: string | null;
}

export class DeliveryAnswerView extends DeliveryView {
  @ApiProperty({ type: () => AsOfView })
  asOf!: AsOfView;
}

export class DeliveriesView {
  @ApiProperty({ type: () => [DeliveryView] })
  data!: DeliveryView[];

  @ApiProperty({ type: 'string', nullable: true })
  next!: string | null;

  @ApiProperty({ type: 'integer', minimum: 0 })
  total!: number;

  @ApiProperty({ type: () => AsOfView })
  asOf!: AsOfView;
}
