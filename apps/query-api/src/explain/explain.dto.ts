import { ESTIMATORS } from '#app/domain';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { AsOfDto } from '../asking/as-of.dto.js';
import { NULLABLE_INTEGER, NULLABLE_STRING } from '../asking/nullable.js';
import { PublishedUntilAnswer } from '../asking/publication.js';
import { FiguresDto, GroupKeyDto } from '../casualties/casualties.dto.js';
import { PartyDto } from '../incidents/incident-detail.dto.js';
import { MeasureFigureDto, PlaceDto } from '../incidents/incidents.dto.js';

export class ExplainedReportDto {
  @ApiProperty({ description: 'CloudEvents source' })
  publisher!: string;

  @ApiProperty()
  reportId!: string;

  @ApiProperty({ type: 'integer' })
  revision!: number;

  @ApiProperty({ type: 'integer', description: 'Event that recorded it' })
  position!: number;

  @ApiProperty({ format: 'uuid' })
  eventId!: string;

  @ApiProperty({ format: 'date-time' })
  publishedAt!: string;

  @ApiProperty({ type: () => PartyDto, description: 'Who published it; a pseudonym where the name is protected' })
  outlet!: PartyDto;
}

export class BecauseDto {
  @ApiProperty({
    enum: ['HIGHER_REVISION', 'LATER_REPORT', 'WITHDRAWN', 'SAME_CLAIMANT_GIVES_THE_WHOLE', 'OTHERS_KNOW_MORE'],
    description:
      'LATER_REPORT: of the same claimant. OTHERS_KNOW_MORE: an unknown number counts only where no other claim stands.',
  })
  reason!: string;

  @ApiProperty({ description: 'The report that replaced it; the own one where a claim is set aside' })
  publisher!: string;

  @ApiProperty()
  reportId!: string;

  @ApiProperty({ type: 'integer' })
  revision!: number;

  @ApiProperty({ type: 'integer', description: 'The event by which it was replaced or withdrawn' })
  position!: number;
}

export class ReadAsDto {
  @ApiProperty({ type: 'integer' })
  lo!: number;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Null: open' })
  hi!: number | null;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'The one value that estimators take of it; null: none' })
  value!: number | null;

  @ApiProperty({ description: 'It only says that the number is unknown' })
  isUnknown!: boolean;

  @ApiProperty({ description: 'The conversion policy does not know the phrase' })
  isPhraseUnknown!: boolean;
}

export class ExplainedClaimDto {
  @ApiProperty({
    enum: ['STANDS', 'SUPERSEDED', 'WITHDRAWN', 'SET_ASIDE', 'DETAIL'],
    description: 'Only what STANDS shapes the figure. DETAIL: of a number that the same claimant gives as a whole.',
  })
  state!: string;

  @ApiProperty({ type: () => BecauseDto, nullable: true, description: 'Why it does not stand' })
  because!: BecauseDto | null;

  @ApiProperty({ type: () => PartyDto, description: 'Who says it: `by`, else the last relay, else the source' })
  claimant!: PartyDto;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'qualifier, lo, hi, point and phrase as stated',
  })
  value!: object;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Language of the report, and so of the phrase' })
  language!: string | null;

  @ApiProperty({ type: () => ReadAsDto, description: 'What the fold reads in it, by the conversion policy' })
  readAs!: ReadAsDto;

  @ApiProperty({ ...NULLABLE_STRING })
  role!: string | null;

  @ApiProperty({ ...NULLABLE_STRING })
  sex!: string | null;

  @ApiProperty({ ...NULLABLE_STRING })
  age!: string | null;

  @ApiProperty({ ...NULLABLE_STRING })
  side!: string | null;

  @ApiProperty({ type: () => ExplainedReportDto })
  report!: ExplainedReportDto;
}

export class ExplainedFigureDto extends MeasureFigureDto {
  @ApiProperty({ description: 'It is in the sums of `counted`; the others are shown beside it' })
  isCounted!: boolean;

  @ApiProperty({
    type: () => [ExplainedClaimDto],
    description:
      'Claims on it, those that stand first, each from the earliest to the latest. None: the figure follows from others (a total from parts, the rest of a total).',
  })
  claims!: ExplainedClaimDto[];
}

export class CountedDto {
  @ApiProperty({ type: 'integer' })
  lo!: number;

  @ApiProperty({ type: 'integer', description: 'What it adds to `hiKnown`; 0 where it is open' })
  hiKnown!: number;

  @ApiProperty({ type: 'integer', enum: [0, 1] })
  openIncidents!: number;

  @ApiProperty({ type: 'integer', enum: [0, 1] })
  unknownIncidents!: number;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'By the estimator; null without one, or without a value' })
  point!: number | null;

  @ApiProperty({ ...NULLABLE_INTEGER, enum: [0, 1, null] })
  withoutPoint!: number | null;
}

export class ExplainedVerificationDto {
  @ApiProperty()
  grade!: string;

  @ApiProperty({ enum: ['RULE', 'DECISION'] })
  by!: string;

  @ApiProperty({ description: 'In words' })
  why!: string;

  @ApiProperty({ type: 'integer', description: 'Independent claimants' })
  claimants!: number;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Event of the decision' })
  position!: number | null;
}

@ApiExtraModels(CountedDto)
export class ExplainedIncidentDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ ...NULLABLE_STRING })
  ref!: string | null;

  @ApiProperty({ description: 'CloudEvents source' })
  publisher!: string;

  @ApiProperty()
  incidentType!: string;

  @ApiProperty({ format: 'date' })
  start!: string;

  @ApiProperty({ format: 'date' })
  end!: string;

  @ApiProperty()
  timePrecision!: string;

  @ApiProperty({ type: () => PlaceDto })
  place!: PlaceDto;

  @ApiPropertyOptional({
    type: () => GroupKeyDto,
    description: 'With `groupBy`: the group in which it counts, less its status',
  })
  group?: GroupKeyDto;

  @ApiProperty({ type: () => ExplainedVerificationDto })
  verification!: ExplainedVerificationDto;

  @ApiProperty({
    type: 'object',
    description:
      'What it adds to the figures, by measure (by measure and status where grouped by status); a measure that is absent is one that nobody speaks of',
    additionalProperties: { $ref: getSchemaPath(CountedDto) },
  })
  counted!: Record<string, CountedDto>;

  @ApiProperty({ type: () => [ExplainedFigureDto] })
  figures!: ExplainedFigureDto[];

  @ApiProperty({ type: [String], description: 'Incidents that were merged into it, and whose reports count in it' })
  absorbed!: string[];

  @ApiProperty({ type: 'integer', description: 'Version of the incident; 0: folded for `publishedUntil`' })
  version!: number;

  @ApiProperty({ type: 'integer', description: 'Event that made this state' })
  position!: number;
}

export class ExplainDto {
  @ApiProperty({ type: () => [ExplainedIncidentDto] })
  data!: ExplainedIncidentDto[];

  @ApiProperty({ ...NULLABLE_STRING, format: 'uri' })
  next!: string | null;

  @ApiProperty({
    type: () => FiguresDto,
    description: 'The figure that is explained: what /v1/casualties gives for the same parameters',
  })
  total!: FiguresDto;

  @ApiProperty({ ...NULLABLE_STRING, enum: ESTIMATORS })
  estimator!: string | null;

  @PublishedUntilAnswer()
  publishedUntil!: string | null;

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}
