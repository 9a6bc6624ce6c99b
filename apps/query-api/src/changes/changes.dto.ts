import { CHANGE_REASONS, INCIDENT_STATUSES } from '#app/read-models';
import { IntegerParameter } from '#app/http-edge';
import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { FilterParameters } from '../asking/filter.dto.js';
import { NULLABLE_STRING } from '../asking/nullable.js';
import { DiffReportDto } from '../diff/diff.dto.js';

export class ChangesParameters extends OmitType(FilterParameters, ['asOf'] as const) {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: -1,
    maximum: Number.MAX_SAFE_INTEGER,
    description:
      'Begin after this position; `Last-Event-ID` wins over it. Default: now. Beyond what is recorded: 422 AS_OF_OUT_OF_RANGE.',
  })
  @IsOptional()
  @IntegerParameter()
  @IsInt()
  @Min(-1)
  @Max(Number.MAX_SAFE_INTEGER)
  since?: number;
}

export class ChangedIncidentDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ ...NULLABLE_STRING })
  ref!: string | null;

  @ApiProperty({ description: 'CloudEvents source' })
  publisher!: string;

  @ApiProperty({ type: 'integer', description: 'Number of the state that the event made' })
  version!: number;

  @ApiProperty({ enum: INCIDENT_STATUSES })
  status!: string;

  @ApiProperty({ ...NULLABLE_STRING, format: 'uuid' })
  survivor!: string | null;

  @ApiProperty()
  verification!: string;

  @ApiProperty()
  incidentType!: string;

  @ApiProperty({ format: 'date' })
  start!: string;
}

/** `data` of one server-sent event; its `id` is the position. */
export class ChangeEventDto {
  @ApiProperty({ type: 'integer' })
  position!: number;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty()
  eventType!: string;

  @ApiProperty({ enum: [...CHANGE_REASONS, 'OTHER'] })
  reason!: string;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Who decided, as in /v1/diff' })
  by!: string | null;

  @ApiProperty({ type: () => DiffReportDto, nullable: true })
  report!: DiffReportDto | null;

  @ApiProperty({ type: 'integer', description: 'Incidents that the event changed' })
  changed!: number;

  @ApiProperty({
    type: () => [ChangedIncidentDto],
    description: 'The first hundred of them; all: /v1/incidents?changedSince=',
  })
  incidents!: ChangedIncidentDto[];
}
