import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Controller, Get, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access, ApiProblems, isFresh, NoParameters, Problem } from '#app/http-edge';
import { parseTilePath } from '#app/transparency';
import { acceptsGzip } from './compression.js';
import { OpenToAnyone } from './open-to-anyone.js';
import { TransparencyLog } from './transparency-log.js';

const PREFIX = '/log/';
const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';
/** C2SP tlog-tiles: a checkpoint must not be cached beyond a few seconds, and the notary signs about every second. */
const BRIEFLY = 'public, max-age=1';
const FOREVER = 'public, max-age=31536000, immutable';
const TEXT_CONTENT = { 'text/plain': { schema: { type: 'string' } } } as const;

const compress = promisify(gzip);

/** The transparency log as C2SP tlog-tiles has it, below the prefix /log. Open to anyone, and the same whoever asks. */
@ApiTags('transparency log')
@Controller('log')
@Access('open')
@UseInterceptors(OpenToAnyone)
export class LogController {
  constructor(private readonly log: TransparencyLog) {}

  @Get('checkpoint')
  @ApiOperation({
    summary: 'The signed state of the log',
    description: 'C2SP tlog-checkpoint: origin, number of events, root; signed by the log, cosigned by its witnesses.',
    operationId: 'getCheckpoint',
  })
  @ApiResponse({ status: 200, description: 'The newest checkpoint', content: TEXT_CONTENT })
  @ApiResponse({ status: 304, description: 'The client has it already' })
  @ApiProblems('UNKNOWN_PARAMETER', 'NOT_FOUND')
  async checkpoint(
    @Query() _query: NoParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const note = await this.log.files.note();
    if (note === null) throw new Problem('NOT_FOUND', 'nothing is published yet: the notary has signed no checkpoint');
    const isKnown = isFresh(request, reply, { identity: note.toString('latin1'), immutable: false });
    void reply.header('cache-control', BRIEFLY);
    await (isKnown ? reply.send() : reply.type(TEXT).send(note));
  }

  @Get('tile/*')
  @ApiOperation({
    summary: 'A tile of hashes, or a bundle of entries',
    description:
      'C2SP tlog-tiles: `<level>/<index>` and `entries/<index>`, with `.p/<width>` for partial ones, such as `0/x001/234` or `entries/000.p/17`. Only what the published checkpoint covers. Bundles come compressed to clients that take gzip.',
    operationId: 'getTile',
  })
  @ApiParam({ name: 'path', schema: { type: 'string' }, example: 'entries/000', description: 'May hold slashes' })
  @ApiResponse({
    status: 200,
    description: 'Hashes of 32 bytes; or entries, each behind its length in two bytes',
    content: { [BYTES]: { schema: { type: 'string', format: 'binary' } } },
  })
  @ApiProblems('UNKNOWN_PARAMETER', 'NOT_FOUND', 'TILES_DAMAGED')
  async tile(@Query() _query: NoParameters, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    // As it came: an escape makes it another path, and none that a log has.
    const path = request.url.split('?', 1)[0]?.slice(PREFIX.length) ?? '';
    const tile = parseTilePath(path);
    const bytes = tile === null ? null : await this.log.undamaged(() => this.log.files.tile(tile));
    if (tile === null || bytes === null) throw new Problem('NOT_FOUND', 'the published log has no such tile');
    void reply.type(BYTES).header('cache-control', FOREVER);
    if (tile.level !== 'entries') return void (await reply.send(bytes));
    void reply.header('vary', 'accept-encoding');
    if (!acceptsGzip(request.headers['accept-encoding'])) return void (await reply.send(bytes));
    await reply.header('content-encoding', 'gzip').send(await compress(bytes));
  }

  @Get('key')
  @ApiOperation({
    summary: 'The keys that sign the log',
    description:
      'Verifier keys (C2SP signed-note), one a line; several while a key is being replaced. A key that comes from the server which it is to check proves nothing against its operator: compare it with one that came another way.',
    operationId: 'getLogKey',
  })
  @ApiResponse({ status: 200, description: 'Verifier keys', content: TEXT_CONTENT })
  @ApiResponse({ status: 304, description: 'The client has them already' })
  @ApiProblems('UNKNOWN_PARAMETER', 'NOT_FOUND', 'KEY_DIFFERS', 'TILES_DAMAGED')
  async key(@Query() _query: NoParameters, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { vkeys } = await this.log.identity();
    await sendText(request, reply, vkeys);
  }

  @Get('policy')
  @ApiOperation({
    summary: 'Whose signatures a checkpoint should carry',
    description: 'C2SP tlog-policy: the keys of the log, its witnesses, and how many of them are a quorum.',
    operationId: 'getLogPolicy',
  })
  @ApiResponse({ status: 200, description: 'The policy', content: TEXT_CONTENT })
  @ApiResponse({ status: 304, description: 'The client has it already' })
  @ApiProblems('UNKNOWN_PARAMETER', 'NOT_FOUND', 'KEY_DIFFERS', 'TILES_DAMAGED')
  async policy(
    @Query() _query: NoParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { policy } = await this.log.identity();
    await sendText(request, reply, policy);
  }
}

async function sendText(request: FastifyRequest, reply: FastifyReply, text: string): Promise<void> {
  const isKnown = isFresh(request, reply, { identity: text, immutable: false });
  await (isKnown ? reply.send() : reply.type(TEXT).send(text.endsWith('\n') ? text : `${text}\n`));
}
