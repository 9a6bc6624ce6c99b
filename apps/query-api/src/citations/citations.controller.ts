import { Access, ApiProblems, isFresh, MEDIA_TYPES, NoParameters, Problem, READERS } from '#app/http-edge';
import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiNotModified, FILTER_PROBLEMS } from '../asking/documented.js';
import { isCitationId } from './citation.js';
import { CitationDto, CiteDto } from './citations.dto.js';
import { type Citation, Citing } from './citing.js';

const LOCATION = { location: { description: 'Path of the citation', schema: { type: 'string' } } } as const;
const ID = { name: 'id', schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{22}$' } } as const;

@ApiTags('citations')
@Controller('v1/citations')
@Access({ roles: READERS })
export class CitationsController {
  constructor(private readonly citing: Citing) {}

  @Post()
  @Access({ roles: READERS, isCostly: true })
  @ApiOperation({
    summary: 'Cite a figure',
    operationId: 'cite',
    description:
      'Asks the query, keeps the answer for ever as it is sent, and binds it to the signed checkpoint that covers its position. The same query at the same position with the same answer is the same citation (200). Refusals of the query itself come as its route gives them.',
  })
  @ApiCreatedResponse({ type: CitationDto, description: 'Cited', headers: LOCATION })
  @ApiOkResponse({ type: CitationDto, description: 'Was cited before', headers: LOCATION })
  @ApiProblems(
    ...FILTER_PROBLEMS,
    'MALFORMED_JSON',
    'EMPTY_BODY',
    'INVALID_BODY',
    'UNSUPPORTED_MEDIA_TYPE',
    'NOT_CITABLE',
    'TOO_MANY_GROUPS',
    'CITATION_TOO_LARGE',
    'CHECKPOINT_PENDING',
    'CITATION_DAMAGED',
  )
  async cite(
    @Query() _query: NoParameters,
    @Body() { query }: CiteDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { isNew, ...citation } = await this.citing.cite(query, request);
    await reply
      .status(isNew ? 201 : 200)
      .headers({ location: `/v1/citations/${citation.stored.id}`, 'content-type': MEDIA_TYPES.json })
      .send(documentOf(citation));
  }

  @Get(':id')
  @ApiOperation({
    summary: 'A cited figure',
    operationId: 'citation',
    description:
      'The same bytes for ever, whatever is recorded, projected or released afterwards. Checked on every reading: what is not any more what was cited is refused. How to check one without trust in this server: docs/citations.md.',
  })
  @ApiParam(ID)
  @ApiOkResponse({ type: CitationDto })
  @ApiNotModified()
  @ApiProblems('UNKNOWN_PARAMETER', 'CITATION_NOT_FOUND', 'CITATION_DAMAGED')
  async citation(
    @Param('id') id: string,
    @Query() _query: NoParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const citation = await this.read(id);
    const body = documentOf(citation);
    if (isFresh(request, reply, { identity: body, immutable: true })) return void (await reply.send());
    await reply.header('content-type', MEDIA_TYPES.json).send(body);
  }

  @Get(':id/result')
  @ApiOperation({
    summary: 'The answer that was cited, byte by byte',
    operationId: 'citationResult',
    description: 'Its SHA-256 is the `digest` of the citation.',
  })
  @ApiParam(ID)
  @ApiResponse({
    status: 200,
    description: 'As it was sent',
    content: { 'application/json': { schema: { type: 'object' } }, 'text/csv': { schema: { type: 'string' } } },
  })
  @ApiNotModified()
  @ApiProblems('UNKNOWN_PARAMETER', 'CITATION_NOT_FOUND', 'CITATION_DAMAGED')
  async result(
    @Param('id') id: string,
    @Query() _query: NoParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { stored, cited } = await this.read(id);
    if (isFresh(request, reply, { identity: cited.digest, immutable: true })) return void (await reply.send());
    await reply.header('content-type', cited.mediaType).send(stored.result);
  }

  private read(id: string): Promise<Citation> {
    if (!isCitationId(id))
      throw new Problem('CITATION_NOT_FOUND', 'the id of a citation has 22 letters, digits, _ or -');
    return this.citing.read(id);
  }
}

/** The citation as text: written here member by member, so that it stays the same when it is read again. */
function documentOf({ stored, cited }: Citation): string {
  const { id, commitment, citedAt, checkpoint, result } = stored;
  const { query, asOf, mediaType, digest } = cited;
  const { position, recordedAt, treeSize, projection, policy, boundary } = asOf;
  const document: CitationDto = {
    id,
    query,
    asOf: { position, recordedAt, treeSize, projection, policy, boundary },
    mediaType,
    digest,
    commitment,
    citedAt,
    checkpoint,
    result: result.toString('utf8'),
  };
  return JSON.stringify(document);
}
