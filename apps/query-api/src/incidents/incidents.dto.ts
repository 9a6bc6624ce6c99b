import { MEASURES } from '#app/domain';
import { INCIDENT_SORTS, INCIDENT_STATUSES, type IncidentSort } from '#app/read-models';
import { IntegerParameter } from '#app/http-edge';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { AsOfDto } from '../asking/as-of.dto.js';
import { FigureFilterParameters } from '../asking/filter.dto.js';
import { NULLABLE_INTEGER, NULLABLE_NUMBER, NULLABLE_STRING } from '../asking/nullable.js';
import { PublishedUntilAnswer } from '../asking/publication.js';
import { CsvFlag, CursorText, Limit } from '../asking/paging.dto.js';

const NUMBER = String.raw`-?\d{1,3}(\.\d{1,15})?`;
const BBOX = new RegExp(`^${NUMBER}(,${NUMBER}){3}$`);
const NEAR = new RegExp(String.raw`^${NUMBER},${NUMBER},\d{1,5}(\.\d{1,6})?$`);

export class IncidentsParameters extends FigureFilterParameters {
  @ApiPropertyOptional({
    description:
      'west,south,east,north in degrees; west may be greater than east. Only incidents placed to a settlement or more finely are caught; how many are not is in `notLocated`.',
    pattern: BBOX.source,
    example: '42.5,35.9,44.0,36.8',
  })
  @IsOptional()
  @IsString()
  @Matches(BBOX, { message: 'bbox must be west,south,east,north in degrees' })
  bbox?: string;

  @ApiPropertyOptional({
    description: 'lat,lon,km: within so many kilometres; as with `bbox`, only finely placed incidents',
    pattern: NEAR.source,
    example: '36.34,43.13,25',
  })
  @IsOptional()
  @IsString()
  @Matches(NEAR, { message: 'near must be lat,lon,km' })
  near?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: -1,
    maximum: Number.MAX_SAFE_INTEGER,
    description:
      'Only incidents whose state changed after this position; withdrawn, merged (with their survivor), retracted and discounted ones are among them, so that a copy can follow. Not with `publishedUntil`. The other filters look at the state now. Beyond the position of the answer: 422 AS_OF_OUT_OF_RANGE.',
  })
  @IsOptional()
  @IntegerParameter()
  @IsInt()
  @Min(-1)
  @Max(Number.MAX_SAFE_INTEGER)
  changedSince?: number;

  @ApiPropertyOptional({
    description:
      'Order: by start date or by the position of the last change, with - from the last; default -start, with changedSince position',
    enum: INCIDENT_SORTS,
  })
  @IsOptional()
  @IsIn(INCIDENT_SORTS)
  sort?: IncidentSort;

  @ApiPropertyOptional({
    description: 'Wins over Accept. NDJSON without `limit` streams all that follows.',
    enum: ['json', 'csv', 'geojson', 'ndjson'],
  })
  @IsOptional()
  @IsIn(['json', 'csv', 'geojson', 'ndjson'])
  format?: 'json' | 'csv' | 'geojson' | 'ndjson';

  @CsvFlag('CSV begins with a byte order mark, for Excel')
  bom?: boolean;

  @CsvFlag('CSV has a second row of HXL hashtags')
  hxl?: boolean;

  @Limit()
  limit?: number;

  @CursorText()
  cursor?: string;
}

export class PlaceDto {
  @ApiProperty({ ...NULLABLE_STRING, description: 'As the source wrote it' })
  name!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, description: 'ISO 3166-1 alpha-2, by the boundary set' })
  country!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Null: known only more coarsely' })
  admin1!: string | null;

  @ApiProperty({ ...NULLABLE_STRING })
  admin1Name!: string | null;

  @ApiProperty({ ...NULLABLE_STRING })
  admin2!: string | null;

  @ApiProperty({ ...NULLABLE_NUMBER })
  latitude!: number | null;

  @ApiProperty({ ...NULLABLE_NUMBER })
  longitude!: number | null;

  @ApiProperty({
    description: 'How fine the place is; coarser than SETTLEMENT, the coordinates are the centre of an area',
  })
  precision!: string;
}

export class MeasureFigureDto {
  @ApiProperty({ enum: MEASURES })
  measure!: string;

  @ApiProperty({ description: 'TOTAL, or a victim status' })
  part!: string;

  @ApiProperty({ type: 'integer' })
  lo!: number;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Null: open' })
  hi!: number | null;

  @ApiProperty({ description: 'Only that the number is unknown is known' })
  unknown!: boolean;

  @ApiProperty({ type: [String] })
  flags!: string[];

  @ApiProperty({
    type: 'object',
    additionalProperties: { ...NULLABLE_INTEGER },
    description: 'By estimator; null where no claimant gives a value',
  })
  points!: Record<string, number | null>;
}

export class IncidentDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ ...NULLABLE_STRING, description: "The publisher's key of the incident" })
  ref!: string | null;

  @ApiProperty({ description: 'CloudEvents source' })
  publisher!: string;

  @ApiProperty({
    enum: INCIDENT_STATUSES,
    description: 'WITHDRAWN: no report is left. RETRACTED by a steward. MERGED: it counts under `survivor`.',
  })
  status!: string;

  @ApiProperty({ ...NULLABLE_STRING, format: 'uuid', description: 'The incident under which a MERGED one counts' })
  survivor!: string | null;

  @ApiProperty()
  verification!: string;

  @ApiProperty()
  incidentType!: string;

  @ApiProperty({ format: 'date' })
  start!: string;

  @ApiProperty({ format: 'date' })
  end!: string;

  @ApiProperty({ enum: ['DAY', 'WEEK', 'MONTH', 'YEAR'] })
  timePrecision!: string;

  @ApiProperty({ type: () => PlaceDto })
  place!: PlaceDto;

  @ApiProperty({ type: [String] })
  weapons!: string[];

  @ApiProperty()
  weaponGroup!: string;

  @ApiProperty({ type: [String] })
  targets!: string[];

  @ApiProperty({ type: [String] })
  actors!: string[];

  @ApiProperty({ type: [String], description: 'Roles of victims' })
  roles!: string[];

  @ApiProperty({ type: [String] })
  flags!: string[];

  @ApiProperty({ type: 'integer', description: 'Active reports' })
  reports!: number;

  @ApiProperty({ type: 'integer', description: 'Independent claimants' })
  claimants!: number;

  @ApiProperty({ type: () => [MeasureFigureDto], description: 'A measure nobody speaks of is absent' })
  figures!: MeasureFigureDto[];

  @ApiProperty({
    type: 'integer',
    description: 'State number of the incident, from 1; 0 for a state that was folded for `publishedUntil`',
  })
  version!: number;

  @ApiProperty({ type: 'integer', description: 'Event that made this state' })
  position!: number;
}

export class IncidentsDto {
  @ApiProperty({ type: () => [IncidentDto] })
  data!: IncidentDto[];

  @ApiProperty({ ...NULLABLE_STRING, format: 'uri' })
  next!: string | null;

  @ApiProperty({ type: 'integer' })
  total!: number;

  @ApiProperty({
    ...NULLABLE_INTEGER,
    description: 'With bbox or near: incidents that match everything else but are not placed finely enough to say',
  })
  notLocated!: number | null;

  @PublishedUntilAnswer()
  publishedUntil!: string | null;

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}
