import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiParam, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access, ApiProblems, isFresh, NoParameters, Problem, READERS } from '#app/http-edge';
import { formatProof, leafHash } from '#app/transparency';
import { AuditLog } from '../audit-log.js';
import { findEvent } from '../events/event-rows.js';
import { POSITION_PARAMETER, toPosition } from '../events/position.js';
import { ConsistencyParameters, ConsistencyView } from './proofs.dto.js';
import { pending, TransparencyLog } from './transparency-log.js';

@ApiTags('transparency log')
@Controller('v1')
@Access({ roles: READERS })
export class ProofsController {
  constructor(
    private readonly log: AuditLog,
    private readonly published: TransparencyLog,
  ) {}

  @Get('events/:position/proof')
  @ApiOperation({
    summary: 'That an event is in the log, to be checked offline',
    description:
      'C2SP tlog-proof, with the leaf in `extra`: nothing else is needed but the key of the log. 503 until a checkpoint covers the event. It was checked before it was sent: where the database holds another event than the one that was signed there is no proof but LEAF_DIFFERS, with both hashes, the checkpoint, and where the signed leaf lies.',
    operationId: 'proveEvent',
  })
  @ApiParam(POSITION_PARAMETER)
  @ApiResponse({ status: 200, description: 'The proof', content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiResponse({ status: 304, description: 'The client has it already' })
  @ApiProblems(
    'UNKNOWN_PARAMETER',
    'INVALID_PARAMETER',
    'EVENT_NOT_FOUND',
    'CHECKPOINT_PENDING',
    'LEAF_DIFFERS',
    'TILES_DAMAGED',
    'NOT_READY',
  )
  async prove(
    @Param('position') text: string,
    @Query() _: NoParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const position = toPosition(text);
    // In this order: what is published was recorded before, so an event that is not found then is gone.
    const published = await this.published.published();
    const leaf = (await findEvent(this.log.pool, position))?.leaf ?? null;
    const extra = leaf === null ? null : Buffer.from(leaf);
    if (published === null || published.size <= position) {
      if (extra === null) throw await this.noEvent();
      throw pending(`position ${position}`, published);
    }
    const path = await this.published.inclusion(published, position, extra === null ? null : leafHash(extra));
    const proof = formatProof({ index: position, path, extra, checkpoint: published.note });
    if (isFresh(request, reply, { identity: proof, immutable: false })) return void reply.send();
    void reply
      .type('text/plain; charset=utf-8')
      .header('content-disposition', `attachment; filename="event-${position}.tlog-proof"`)
      .send(proof);
  }

  @Get('consistency')
  @ApiOperation({
    summary: 'That one state of the log is the beginning of another',
    description: 'RFC 6962 §2.1.2 between two sizes, up to the published one. A size is a position plus one.',
    operationId: 'proveConsistency',
  })
  @ApiExtraModels(ConsistencyView)
  @ApiResponse({
    status: 200,
    description: 'The proof',
    content: { 'application/json': { schema: { $ref: getSchemaPath(ConsistencyView) } } },
  })
  @ApiProblems(
    'UNKNOWN_PARAMETER',
    'INVALID_PARAMETER',
    'AS_OF_OUT_OF_RANGE',
    'CHECKPOINT_PENDING',
    'CHECKPOINT_DIFFERS',
    'TILES_DAMAGED',
    'NOT_READY',
  )
  async consistency(@Query() { from, to: asked }: ConsistencyParameters, @Res() reply: FastifyReply): Promise<void> {
    if (asked !== undefined && asked < from) throw Problem.invalidParameter('to', 'must not be less than from');
    const published = await this.published.published();
    const wanted = asked ?? from;
    if (published === null || published.size < wanted) {
      const { treeSize } = await this.log.head();
      if (wanted <= treeSize) throw pending(`a log of ${wanted} events`, published);
      throw new Problem('AS_OF_OUT_OF_RANGE', `the log has ${treeSize} events, fewer than ${wanted}`);
    }
    const sizes = { from, to: asked ?? published.size };
    const proved = await this.published.consistency(published, sizes);
    const head = ({ size, root }: (typeof proved)['from']) => ({ size, root: root.toString('base64') });
    void reply.send({
      from: head(proved.from),
      to: head(proved.to),
      hashes: proved.hashes.map((hash) => hash.toString('base64')),
      checkpoint: proved.checkpoint,
    } satisfies ConsistencyView);
  }

  private async noEvent(): Promise<Problem> {
    const { position } = await this.log.head();
    return new Problem('EVENT_NOT_FOUND', `the log ends at position ${position}`);
  }
}
