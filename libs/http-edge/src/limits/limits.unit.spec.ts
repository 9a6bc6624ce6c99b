import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Body, Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Allow } from 'class-validator';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { TestIssuer } from '../../../../test/support/issuer.js';
import { Access, ApiConfig, createHttpApp, listen, READERS } from '../index.js';

jest.setTimeout(30_000);

class ThingDto {
  @Allow()
  thing?: unknown;
}

@Controller('things')
@Access({ roles: READERS })
class ThingsController {
  @Get()
  all(): object {
    return {};
  }

  @Get('open')
  @Access('open')
  open(): object {
    return {};
  }

  @Post()
  @HttpCode(200)
  @Access({ roles: READERS, isCostly: true })
  make(@Body() body: ThingDto): object {
    return { has: Object.keys(body) };
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

let app: NestFastifyApplication | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function start(config: Partial<ApiConfig> = {}): Promise<NestFastifyApplication> {
  app = await createHttpApp(ThingsModule, {
    name: 'things',
    title: 'Things',
    config: Object.assign(new ApiConfig(), config),
    logger: pino({ level: 'silent' }),
    registry: new Registry(),
  });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

const json = { 'content-type': 'application/json' };

describe('requests a minute', () => {
  it('are counted by the subject of the token, not by the address', async () => {
    const issuer = await TestIssuer.start();
    const server = await start({ ...issuer.env, RATE_LIMIT_PER_MINUTE: 3 });
    const ask = async (sub: string) =>
      server.inject({
        url: '/things',
        headers: { authorization: `Bearer ${await issuer.token(['analyst'], { sub })}` },
      });
    for (let i = 0; i < 3; i += 1) expect((await ask('ana')).statusCode).toBe(200);
    const refused = await ask('ana');
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'TOO_MANY_REQUESTS']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('ben')).statusCode).toBe(200);
    await issuer.stop();
  });

  it('of those that are not let in are counted by the address', async () => {
    const issuer = await TestIssuer.start();
    const server = await start({ ...issuer.env, RATE_LIMIT_PER_MINUTE: 2 });
    const ask = (remoteAddress: string) =>
      server.inject({ url: '/things', remoteAddress, headers: { authorization: 'Bearer abc' } });
    for (let i = 0; i < 2; i += 1) expect((await ask('10.0.0.1')).statusCode).toBe(401);
    expect((await ask('10.0.0.1')).statusCode).toBe(429);
    expect((await ask('10.0.0.2')).statusCode).toBe(401);
    await issuer.stop();
  });

  it('of one network of IPv6, whose addresses are its own to choose, are counted together', async () => {
    const server = await start({ RATE_LIMIT_PER_MINUTE: 2 });
    const ask = async (remoteAddress: string) => (await server.inject({ url: '/things', remoteAddress })).statusCode;
    const asked = [await ask('2001:db8:0:1::1'), await ask('2001:db8:0:1::2'), await ask('2001:db8:0:1:ffff::3')];
    expect(asked).toEqual([200, 200, 429]);
    expect(await ask('2001:db8:0:2::1')).toBe(200);
  });

  it('are fewer where they cost much, and never end what watches over the process', async () => {
    const server = await start({
      RATE_LIMIT_PER_MINUTE: 100,
      RATE_LIMIT_COSTLY_PER_MINUTE: 1,
      RATE_LIMIT_OPEN_PER_MINUTE: 2,
    });
    const post = () => server.inject({ url: '/things', method: 'POST', headers: json, payload: '{}' });
    expect([(await post()).statusCode, (await post()).statusCode]).toEqual([200, 429]);
    expect((await server.inject('/things')).statusCode).toBe(200);
    const open = async () => (await server.inject('/things/open')).statusCode;
    expect([await open(), await open(), await open()]).toEqual([200, 200, 429]);
    for (let i = 0; i < 20; i += 1) expect((await server.inject('/health/live')).statusCode).toBe(200);
  });

  it('are not counted without authentication, where every caller is on this machine', async () => {
    const server = await start();
    for (let i = 0; i < 200; i += 1) expect((await server.inject('/things')).statusCode).toBe(200);
  });

  it('believe a forwarded address of a trusted proxy alone', async () => {
    const server = await start({ RATE_LIMIT_PER_MINUTE: 1, HTTP_TRUSTED_PROXIES: '10.1.0.0/16' });
    const ask = async (remoteAddress: string, forwarded: string) =>
      (await server.inject({ url: '/things', remoteAddress, headers: { 'x-forwarded-for': forwarded } })).statusCode;
    expect([await ask('10.1.0.1', '1.1.1.1'), await ask('10.1.0.1', '2.2.2.2')]).toEqual([200, 200]);
    expect([await ask('10.2.0.1', '3.3.3.3'), await ask('10.2.0.1', '4.4.4.4')]).toEqual([200, 429]);
  });
});

it('connections beyond the limit are not taken, and those before them go on', async () => {
  const server = await start({ HTTP_MAX_CONNECTIONS: 2 });
  const url = new URL(await listen(server, { HTTP_HOST: '127.0.0.1', HTTP_PORT: 0 }));
  const sockets = Array.from({ length: 4 }, () => connect(Number(url.port), '127.0.0.1').on('error', () => {}));
  const ended = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  await Promise.race(ended);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(sockets.filter(({ destroyed }) => !destroyed)).toHaveLength(2);
  const [kept] = sockets.filter(({ destroyed }) => !destroyed);
  kept?.write('GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  const answer = await new Promise((resolve) => kept?.once('data', (bytes) => resolve(bytes.toString())));
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  for (const socket of sockets) socket.destroy();
});

describe('a body', () => {
  it.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip'])('that is compressed is not taken: %s', async (encoding) => {
    const bomb = gzipSync(Buffer.alloc(20_000_000, 0x20));
    expect(bomb.length).toBeLessThan(50_000);
    const answer = await (await start()).inject({
      url: '/things',
      method: 'POST',
      headers: { ...json, 'content-encoding': encoding },
      payload: bomb,
    });
    expect([answer.statusCode, answer.json().code]).toEqual([415, 'UNSUPPORTED_ENCODING']);
    expect(answer.headers['accept-encoding']).toBe('identity');
  });

  it.each([
    ['lists', `{"thing":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
    ['objects', `{"thing":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`],
    ['lists at the top', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ])('that is very deep is refused: %s', async (_name, payload) => {
    const answer = await (await start()).inject({ url: '/things', method: 'POST', headers: json, payload });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_BODY']);
  });

  it('that is too large is refused', async () => {
    const payload = JSON.stringify({ thing: 'a'.repeat(70_000) });
    const answer = await (await start()).inject({ url: '/things', method: 'POST', headers: json, payload });
    expect([answer.statusCode, answer.json().code]).toEqual([413, 'BODY_TOO_LARGE']);
  });
});
