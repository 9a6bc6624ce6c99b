import { REGION_LEVELS } from '#app/geography';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import { AsOfDto, AsOfParameters } from '../asking/as-of.dto.js';
import { NULLABLE_STRING } from '../asking/nullable.js';
import { CsvFlag, CursorText, Limit } from '../asking/paging.dto.js';

export class RegionsParameters extends AsOfParameters {
  @ApiPropertyOptional({ description: 'Part of a name in any script, or a code', minLength: 1, maxLength: 100 })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  q?: string;

  @ApiPropertyOptional({ description: 'Code of the area directly above', maxLength: 100 })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  parent?: string;

  @ApiPropertyOptional({
    enum: REGION_LEVELS,
    description: 'GROUP: areas taken together; PLACE: a town or mountain inside an area. Nothing is placed in either.',
  })
  @IsOptional()
  @IsIn(REGION_LEVELS)
  level?: (typeof REGION_LEVELS)[number];

  @ApiPropertyOptional({ description: 'Wins over Accept', enum: ['json', 'csv'] })
  @IsOptional()
  @IsIn(['json', 'csv'])
  format?: 'json' | 'csv';

  @CsvFlag('CSV begins with a byte order mark, for Excel')
  bom?: boolean;

  @CsvFlag('CSV has a second row of HXL hashtags')
  hxl?: boolean;

  @Limit()
  limit?: number;

  @CursorText()
  cursor?: string;
}

export class RegionParameters extends AsOfParameters {
  @ApiPropertyOptional({
    description: 'Wins over Accept. CSV holds the area as the list shows it, without what is above and below it.',
    enum: ['json', 'csv'],
  })
  @IsOptional()
  @IsIn(['json', 'csv'])
  format?: 'json' | 'csv';

  @CsvFlag('CSV begins with a byte order mark, for Excel')
  bom?: boolean;

  @CsvFlag('CSV has a second row of HXL hashtags')
  hxl?: boolean;
}

export class RegionPath {
  @ApiProperty({
    description: 'ISO 3166-1 alpha-2 or alpha-3, ISO 3166-2, P-code, Gleditsch–Ward number, region group, or a name',
    example: 'IQ-NI',
  })
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  code!: string;
}

export class RegionCodeDto {
  @ApiProperty({ example: 'ISO-3166-2' })
  scheme!: string;

  @ApiProperty({ example: 'IQ-NI' })
  code!: string;
}

export class DisputedClaimDto {
  @ApiProperty({
    description: 'Who claims it, or the boundary set that has it elsewhere',
    example: 'Ninewa Governorate',
  })
  claimant!: string;

  @ApiProperty({ description: 'Code of the area that would hold it', example: 'IQ-NI' })
  parent!: string;

  @ApiProperty({ ...NULLABLE_STRING })
  parentName!: string | null;

  @ApiProperty()
  note!: string;
}

export class RegionReferenceDto {
  @ApiProperty()
  code!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty({ enum: REGION_LEVELS })
  level!: string;
}

export class RegionDto {
  @ApiProperty()
  code!: string;

  @ApiProperty({ enum: REGION_LEVELS })
  level!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty({ type: [String], description: 'Spellings and scripts that are matched' })
  names!: string[];

  @ApiProperty({ ...NULLABLE_STRING, description: 'Code of the area above' })
  parent!: string | null;

  @ApiProperty()
  country!: string;

  @ApiProperty({ type: () => [RegionCodeDto] })
  codes!: RegionCodeDto[];

  @ApiProperty({ type: [String], description: 'Active boundary sets that know it' })
  boundarySets!: string[];

  @ApiProperty({ type: () => [DisputedClaimDto], description: 'Who puts it elsewhere than this boundary set' })
  disputedClaims!: DisputedClaimDto[];

  @ApiProperty({
    type: () => [RegionReferenceDto],
    description: 'Of a GROUP: the areas of this boundary set that it stands for',
  })
  members!: RegionReferenceDto[];

  @ApiProperty({
    ...NULLABLE_STRING,
    format: 'date',
    description: 'First day on which its borders hold; null: not limited',
  })
  validFrom!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, format: 'date' })
  validTo!: string | null;
}

export class RegionDetailDto extends RegionDto {
  @ApiProperty({ type: () => [RegionReferenceDto], description: 'From the country down to the area above' })
  path!: RegionReferenceDto[];

  @ApiProperty({ type: () => [RegionReferenceDto] })
  children!: RegionReferenceDto[];

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}

export class RegionsDto {
  @ApiProperty({ type: () => [RegionDto] })
  data!: RegionDto[];

  @ApiProperty({ ...NULLABLE_STRING, format: 'uri' })
  next!: string | null;

  @ApiProperty({ type: 'integer' })
  total!: number;

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}
