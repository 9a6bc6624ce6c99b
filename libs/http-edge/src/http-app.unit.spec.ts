import { Body, Controller, Get, Module, Param, Post, Query, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { connect } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import {
  Access,
  ApiConfig,
  ApiProblems,
  createHttpApp,
  IntegerParameter,
  listen,
  ListParameter,
  Problem,
  sendNdjson,
  workerEndpoints,
} from './index.js';

class QueryDto {
  @IsOptional()
  @ListParameter()
  @IsIn(['RED', 'BLUE'], { each: true })
  colour?: string[];

  @IntegerParameter()
  @IsInt()
  @Min(1)
  @Max(10)
  limit: number = 5;
}

class BodyDto {
  @IsInt()
  size!: number;
}

@Controller('v1')
@Access('open')
class ThingsController {
  @Get('things')
  @ApiProblems('UNKNOWN_PARAMETER', 'INVALID_PARAMETER')
  list(@Query() query: QueryDto): object {
    return Object.assign({}, query);
  }

  @Get('things/:id')
  one(@Param('id') id: string): object {
    if (id === 'missing') throw new Problem('INCIDENT_NOT_FOUND', 'no such thing');
    if (id === 'broken') throw new Error('password=hunter2 in a stack');
    return { id };
  }

  @Post('things')
  make(@Body() body: BodyDto): object {
    return Object.assign({}, body);
  }

  @Post('raw')
  raw(@Body() body: Buffer): object {
    return { isBuffer: Buffer.isBuffer(body), text: body.toString() };
  }

  @Get('stream')
  async stream(@Res() reply: FastifyReply): Promise<void> {
    await sendNdjson(
      reply,
      (async function* () {
        yield [{ a: 1 }, { a: 2 }];
        yield [];
        yield [{ a: 3 }];
      })(),
    );
  }

  @Get('long')
  async long(@Res() reply: FastifyReply): Promise<void> {
    await sendNdjson(
      reply,
      (async function* () {
        for (let page = 0; page < 100; page += 1) {
          pagesRead += 1;
          yield [{ page: await Promise.resolve(page) }];
        }
      })(),
    );
  }
}

/** Of /v1/long. */
let pagesRead = 0;

@Module({ controllers: [ThingsController] })
class ThingsModule {}

const silent = pino({ level: 'silent' });
let app: NestFastifyApplication;
let isDatabaseUp = true;

async function start(config: Partial<ApiConfig> = {}): Promise<NestFastifyApplication> {
  return createHttpApp(ThingsModule, {
    name: 'things',
    title: 'Things',
    config: Object.assign(new ApiConfig(), { HTTP_PORT: 0, ...config }),
    logger: silent,
    registry: new Registry(),
    rawBodyTypes: ['application/x-ndjson'],
    bodyLimit: 100,
    checks: () => ({
      database: async () => {
        if (!isDatabaseUp) throw new Error('10.0.0.5 refused');
      },
    }),
  });
}

beforeAll(async () => {
  app = await start();
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(() => app.close());

const json = { 'content-type': 'application/json' };

it('says at its root what it is, and where to go on', async () => {
  const answer = await app.inject({ url: '/' });
  expect([answer.statusCode, answer.json().title]).toEqual([200, 'Things']);
  for (const path of Object.values<string>(answer.json().links)) {
    expect([path, (await app.inject({ url: path })).statusCode]).toEqual([path, 200]);
  }
  expect((await app.inject({ url: '/?a=1' })).json().code).toBe('UNKNOWN_PARAMETER');
});

it.each([
  ['an unknown route', { url: '/nothing' }, 404, 'NOT_FOUND'],
  ['a wrong method', { url: '/v1/things', method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED'],
  ['a malformed escape in the path', { url: '/v1/things/%zz' }, 400, 'MALFORMED_URL'],
  ['an unknown parameter', { url: '/v1/things?color=RED' }, 400, 'UNKNOWN_PARAMETER'],
  ['__proto__ as a parameter', { url: '/v1/things?__proto__=1' }, 400, 'UNKNOWN_PARAMETER'],
  ['a parameter where none is taken', { url: '/health/live?x=1' }, 400, 'UNKNOWN_PARAMETER'],
  ['a repeated single parameter', { url: '/v1/things?limit=1&limit=2' }, 400, 'INVALID_PARAMETER'],
  ['a value out of the list', { url: '/v1/things?colour=RED,GREEN' }, 400, 'INVALID_PARAMETER'],
  ['an empty list', { url: '/v1/things?colour=' }, 400, 'INVALID_PARAMETER'],
  ['a NUL in a path', { url: '/v1/things/a%00b' }, 400, 'INVALID_PARAMETER'],
  ['a NUL in a query', { url: '/v1/things?colour=%00' }, 400, 'INVALID_PARAMETER'],
  [
    'a malformed body',
    { url: '/v1/things', method: 'POST', headers: json, payload: '{"size":' },
    400,
    'MALFORMED_JSON',
  ],
  ['no body', { url: '/v1/things', method: 'POST', headers: json, payload: '' }, 400, 'EMPTY_BODY'],
  ['an unknown member', { url: '/v1/things', method: 'POST', payload: { size: 1, x: 1 } }, 400, 'INVALID_BODY'],
  ['a wrong member', { url: '/v1/things', method: 'POST', payload: { size: 'a' } }, 400, 'INVALID_BODY'],
  ['a large body', { url: '/v1/things', method: 'POST', payload: { size: 'a'.repeat(200) } }, 413, 'BODY_TOO_LARGE'],
  [
    'an unsupported media type',
    { url: '/v1/things', method: 'POST', headers: { 'content-type': 'text/xml' }, payload: '<a/>' },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  ['a handler that finds nothing', { url: '/v1/things/missing' }, 404, 'INCIDENT_NOT_FOUND'],
  ['an unexpected error', { url: '/v1/things/broken' }, 500, 'INTERNAL'],
])('%s is a problem document', async (_name, request, status, code) => {
  const answer = await app.inject(request as Parameters<NestFastifyApplication['inject']>[0] & object);
  expect({ status: answer.statusCode, body: answer.json<object>() }).toMatchObject({
    status,
    body: { code, status },
  });
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.headers['x-request-id']).toBeDefined();
  expect(answer.body).not.toContain('hunter2');
});

it('names every wrong parameter', async () => {
  const { errors } = (await app.inject('/v1/things?colour=GREEN&limit=99')).json<{ errors: object[] }>();
  expect(errors).toEqual([
    expect.objectContaining({ parameter: 'colour', code: 'IS_IN' }),
    expect.objectContaining({ parameter: 'limit', code: 'MAX' }),
  ]);
});

it('takes lists by comma and by repetition, and applies defaults', async () => {
  expect((await app.inject('/v1/things?colour=RED,BLUE&colour=RED')).json()).toEqual({
    colour: ['RED', 'BLUE', 'RED'],
    limit: 5,
  });
});

it('hands raw types over as bytes', async () => {
  const headers = { 'content-type': 'application/x-ndjson' };
  const answer = await app.inject({ url: '/v1/raw', method: 'POST', headers, payload: '{"a":1,"a":2}\n' });
  expect(answer.json()).toEqual({ isBuffer: true, text: '{"a":1,"a":2}\n' });
});

it('names the allowed methods', async () => {
  expect((await app.inject({ url: '/v1/things', method: 'PUT' })).headers['allow']).toBe('GET, HEAD, POST');
});

it('streams NDJSON', async () => {
  const answer = await app.inject('/v1/stream');
  expect(answer.headers['content-type']).toContain('application/x-ndjson');
  expect(answer.body).toBe('{"a":1}\n{"a":2}\n{"a":3}\n');
});

it('reads nothing of a stream that only HEAD asks for', async () => {
  const answer = await app.inject({ method: 'HEAD', url: '/v1/long' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([
    200,
    'application/x-ndjson; charset=utf-8',
    '',
  ]);
  expect(pagesRead).toBe(0);
  expect((await app.inject('/v1/long')).body.split('\n')).toHaveLength(101);
});

it('serves OpenAPI 3.1, its pages, and metrics', async () => {
  const document = (await app.inject('/openapi.json')).json<{ openapi: string; paths: object }>();
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/v1/things', '/health/ready', '/metrics']));
  expect((await app.inject('/docs')).headers['content-type']).toContain('text/html');
  const metrics = await app.inject('/metrics');
  expect(metrics.headers['content-type']).toContain('text/plain');
  expect(metrics.body).toMatch(/http_request_duration_seconds_count\{.*route="\/v1\/things".*\} \d+/);
});

it('counts what went wrong on its side from zero, but not that it was not ready', async () => {
  const one = await start();
  await one.init();
  await one.getHttpAdapter().getInstance().ready();
  const counted = async (): Promise<string | undefined> =>
    /^http_server_errors_total (\d+)$/m.exec((await one.inject('/metrics')).body)?.[1];
  expect(await counted()).toBe('0');
  for (const url of ['/v1/things/missing', '/v1/things/broken', '/nothing']) await one.inject({ url });
  isDatabaseUp = false;
  await one.inject('/health/ready');
  isDatabaseUp = true;
  expect(await counted()).toBe('1');
  await one.close();
});

it('is ready while its checks answer, and says which one does not, without internals', async () => {
  expect((await app.inject('/health/ready')).json()).toEqual({
    status: 'ready',
    checks: { database: { status: 'up' } },
  });
  isDatabaseUp = false;
  const answer = await app.inject('/health/ready');
  isDatabaseUp = true;
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toMatchObject({ code: 'NOT_READY', checks: { database: { status: 'down' } } });
  expect(answer.body).not.toContain('10.0.0.5');
});

it('refuses an address that other machines can reach', async () => {
  await expect(start({ HTTP_HOST: '0.0.0.0' })).rejects.toThrow(/HTTP_HOST=127\.0\.0\.1/);
});

it('says that a port is taken, and by a broken request it is not brought down', async () => {
  const first = await start();
  const url = new URL(await listen(first, { HTTP_HOST: '127.0.0.1', HTTP_PORT: 0 }));
  const second = await start();
  await expect(listen(second, { HTTP_HOST: '127.0.0.1', HTTP_PORT: Number(url.port) })).rejects.toThrow(/is taken/);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(url.port), '127.0.0.1', () => socket.write('NOT HTTP\r\n\r\n'));
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"BAD_REQUEST"/);
  await first.close();
});

it('gives workers the same health and metrics', async () => {
  const config = { HTTP_HOST: '127.0.0.1', HTTP_PORT: 0 };
  const worker = await workerEndpoints({ config, logger: silent, registry: new Registry(), checks: {} });
  expect(await (await fetch(`${worker.url}/health/ready`)).json()).toEqual({ status: 'ready', checks: {} });
  expect((await fetch(`${worker.url}/metrics`)).status).toBe(200);
  const missing = await fetch(`${worker.url}/v1`);
  expect([missing.status, missing.headers.get('content-type')]).toEqual([
    404,
    'application/problem+json; charset=utf-8',
  ]);
  await worker.close();
});
