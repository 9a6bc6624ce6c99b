import { SITE_KINDS, type SiteKind } from '#app/domain';
import { ApiProperty } from '@nestjs/swagger';
import { ListOf } from '../asking/filter.dto.js';
import { NULLABLE_STRING } from '../asking/nullable.js';
import {
  AreaDto,
  AreaPartDto,
  OfficialDto,
  OfficialListDto,
  OfficialParameters,
  OfficialPeriodDto,
  PublishedValueDto,
  UnallocatedDto,
} from '../official/official.dto.js';

export class SitesParameters extends OfficialParameters {
  @ListOf(SITE_KINDS, 'What was found')
  kind?: SiteKind[];
}

export class SiteDto extends OfficialDto {
  @ApiProperty()
  siteRef!: string;

  @ApiProperty({ enum: SITE_KINDS })
  kind!: string;

  @ApiProperty({ type: () => AreaDto })
  area!: AreaDto;

  @ApiProperty({ type: () => PublishedValueDto, description: 'How many sites; 1 for a single one' })
  count!: PublishedValueDto;

  @ApiProperty({ type: () => [AreaPartDto], description: 'How many of them in which area, as published' })
  breakdown!: AreaPartDto[];

  @ApiProperty({ type: () => UnallocatedDto, description: 'What the breakdown leaves over: shown, never spread' })
  unallocated!: UnallocatedDto;

  @ApiProperty({ type: () => PublishedValueDto, nullable: true, description: 'Victims in them: a stock, in no figure' })
  victims!: PublishedValueDto | null;

  @ApiProperty({ type: () => PublishedValueDto, nullable: true })
  bodiesExhumed!: PublishedValueDto | null;

  @ApiProperty({ type: () => OfficialPeriodDto, nullable: true, description: 'When the deaths occurred' })
  eventPeriod!: OfficialPeriodDto | null;

  @ApiProperty({ ...NULLABLE_STRING, description: 'When it was found, as published' })
  discovered!: string | null;
}

export class SitesDto extends OfficialListDto {
  @ApiProperty({ type: () => [SiteDto] })
  data!: SiteDto[];
}
