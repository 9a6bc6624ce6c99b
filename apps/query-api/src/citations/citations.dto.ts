import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches, MaxLength } from 'class-validator';
import { AsOfDto } from '../asking/as-of.dto.js';
import { CITABLE_ROUTES } from './citable-query.js';

const QUERY_MAX = 8_000;
/** A path of this API: neither another host nor a fragment. */
const PATH = String.raw`^\/[^\/\s#][^\s#]*$`;

export class CiteDto {
  @ApiProperty({
    description: `The query to cite: path and parameters, with or without \`asOf\`, \`boundary\` and \`format\` (JSON by default). Routes: ${CITABLE_ROUTES.join(', ')}. No \`cursor\`: an answer is cited whole.`,
    maxLength: QUERY_MAX,
    pattern: PATH,
    example: '/v1/casualties?region=IQ-NI&from=2018-11-08&to=2018-11-08&measure=KILLED,INJURED',
  })
  @IsString()
  @MaxLength(QUERY_MAX)
  @Matches(new RegExp(PATH), {
    message: 'query must be a path of this API with its parameters, like /v1/casualties?region=IQ',
  })
  query!: string;
}

export class CitationDto {
  @ApiProperty({
    description: 'base64url of the first 16 bytes of SHA-256(`commitment`)',
    minLength: 22,
    maxLength: 22,
    pattern: '^[A-Za-z0-9_-]{22}$',
  })
  id!: string;

  @ApiProperty({ description: 'The query, with everything written out that fixes its answer' })
  query!: string;

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;

  @ApiProperty({ description: 'Media type of the answer' })
  mediaType!: string;

  @ApiProperty({ description: 'SHA-256 of the bytes of the answer, hex', pattern: '^[0-9a-f]{64}$' })
  digest!: string;

  @ApiProperty({ description: 'RFC 8785 text of `{query, asOf, mediaType, digest}`: what the id is the hash of' })
  commitment!: string;

  @ApiProperty({ format: 'date-time', description: 'When it was cited first' })
  citedAt!: string;

  @ApiProperty({
    description: 'The first published checkpoint whose tree holds the position, as a C2SP signed note',
  })
  checkpoint!: string;

  @ApiProperty({ description: 'The answer, character by character; its bytes: /v1/citations/{id}/result' })
  result!: string;
}
