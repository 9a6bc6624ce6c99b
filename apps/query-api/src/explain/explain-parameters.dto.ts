import { OmitType } from '@nestjs/swagger';
import { Limit } from '../asking/paging.dto.js';
import { CasualtiesParameters } from '../casualties/casualties.dto.js';

/** Every claim of an incident is in the page: more incidents at once would be too much to hold. */
export const EXPLAINED_MAX = 1_000;

export class ExplainParameters extends OmitType(CasualtiesParameters, ['limit'] as const) {
  @Limit(EXPLAINED_MAX)
  limit?: number;
}
