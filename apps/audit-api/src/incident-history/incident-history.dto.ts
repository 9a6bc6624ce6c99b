import { ApiProperty } from '@nestjs/swagger';
import { AsOfView } from '../audit.view.js';

/** Spelled out: without a type the description would say "object". */
const ANYTHING = ['string', 'number', 'boolean', 'array', 'object', 'null'].map((type) =>
  type === 'array' ? { type, items: {} } : { type },
);

export class FieldChangeView {
  @ApiProperty({ description: 'JSON Pointer into the consolidated incident, for instance /figures/KILLED/TOTAL/hi' })
  pointer!: string;

  @ApiProperty({ anyOf: ANYTHING, description: 'Value before; null where it was not there' })
  before!: unknown;

  @ApiProperty({ anyOf: ANYTHING, description: 'Value after; null where it is not there any more' })
  after!: unknown;
}

export class HistoryReportView {
  @ApiProperty()
  source!: string;

  @ApiProperty()
  reportId!: string;

  @ApiProperty({ type: 'integer', nullable: true })
  revision!: number | null;

  @ApiProperty({ type: 'string', nullable: true })
  publishedAt!: string | null;
}

export class HistoryEntryView {
  @ApiProperty({ type: 'integer', minimum: 0 })
  position!: number;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty({ format: 'uuid' })
  eventId!: string;

  @ApiProperty()
  type!: string;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    nullable: true,
    description: "Of the incident's own stream; null for an event of another one that changed this incident",
  })
  streamVersion!: number | null;

  @ApiProperty({ description: 'The publisher, or who decided' })
  actor!: string;

  @ApiProperty({ oneOf: [{ $ref: '#/components/schemas/HistoryReportView' }, { type: 'null' }] })
  report!: HistoryReportView | null;

  @ApiProperty({
    type: 'object',
    nullable: true,
    additionalProperties: true,
    description: 'What was decided, as recorded; its type is that of the event. Null for a report',
  })
  decision!: object | null;

  @ApiProperty({ description: 'Why the figures changed, or why they did not' })
  why!: string;

  @ApiProperty({ type: () => [FieldChangeView], description: 'Empty where the event changed no figure' })
  changes!: FieldChangeView[];
}

export class IncidentHistoryView {
  @ApiProperty({ type: () => [HistoryEntryView] })
  data!: HistoryEntryView[];

  @ApiProperty({ type: 'string', nullable: true, description: 'Always null: a history comes whole' })
  next!: string | null;

  @ApiProperty({ type: 'integer', minimum: 1 })
  total!: number;

  @ApiProperty({ type: () => AsOfView })
  asOf!: AsOfView;
}
