import {
  type Estimator,
  ESTIMATORS,
  INDICATORS,
  type Indicator,
  STATUS_DEFINITIONS,
  type StatusDefinition,
} from '#app/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { AsOfParameters } from '../asking/as-of.dto.js';
import { ListOf, ListOfText, MomentText } from '../asking/filter.dto.js';
import { CsvFlag } from '../asking/paging.dto.js';
import { OFFICIAL_PUBLISHED_UNTIL } from '../official/official.dto.js';

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

export class ReconciliationParameters extends AsOfParameters {
  @ApiProperty({ description: "The publisher's own id of the series. Unknown: 422 UNKNOWN_SERIES.", maxLength: 500 })
  @IsString()
  @MinLength(1)
  @MaxLength(500)
  series!: string;

  @ApiProperty({ description: 'A month', pattern: MONTH.source, example: '2018-10' })
  @IsString()
  @Matches(MONTH, { message: 'period must be a month like 2018-10' })
  period!: string;

  @ListOfText(
    'Whose recorded incidents are compared: CloudEvents sources, or words of one in any case; default all. Unknown: 422 UNKNOWN_PUBLISHER.',
    { min: 1, max: 500, split: false },
  )
  publisher?: string[];

  @ListOf(INDICATORS, 'What is counted; default all that the series has')
  indicator?: Indicator[];

  @ListOf(STATUS_DEFINITIONS, 'Of whom; default all that the series has')
  statusDefinition?: StatusDefinition[];

  @ApiPropertyOptional({
    description:
      'Police in non-combat functions on the recorded side: counted with the civilians, or taken out. Default: as the status definition has it, else where sources put them.',
    enum: ['include', 'exclude'],
  })
  @IsOptional()
  @IsIn(['include', 'exclude'])
  policeNonCombat?: 'include' | 'exclude';

  @ApiPropertyOptional({ description: 'Point estimate of the recorded side; none given, no `point`', enum: ESTIMATORS })
  @IsOptional()
  @IsIn(ESTIMATORS)
  estimator?: Estimator;

  @MomentText(
    `${OFFICIAL_PUBLISHED_UNTIL} On the recorded side only claims published by then count, as in \`/v1/casualties\`.`,
  )
  publishedUntil?: string;

  @ApiPropertyOptional({ description: 'Wins over Accept', enum: ['json', 'csv', 'ndjson'] })
  @IsOptional()
  @IsIn(['json', 'csv', 'ndjson'])
  format?: 'json' | 'csv' | 'ndjson';

  @CsvFlag('CSV begins with a byte order mark, for Excel')
  bom?: boolean;

  @CsvFlag('CSV has a second row of HXL hashtags')
  hxl?: boolean;
}
