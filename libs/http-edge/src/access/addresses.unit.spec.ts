import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { TestIssuer } from '../../../../test/support/issuer.js';
import { Access, ApiConfig, createHttpApp } from '../index.js';

jest.setTimeout(30_000);

@Controller('things')
@Access({ roles: ['analyst'] })
class ThingsController {
  @Get()
  all(): object {
    return { secret: true };
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

let issuer: TestIssuer;
let app: NestFastifyApplication;
beforeAll(async () => {
  issuer = await TestIssuer.start();
  app = await createHttpApp(ThingsModule, {
    name: 'things',
    title: 'Things',
    config: Object.assign(new ApiConfig(), issuer.env),
    logger: pino({ level: 'silent' }),
    registry: new Registry(),
  });
  await app.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await app.close();
  await issuer.stop();
});

/** Byte for byte: other clients put an address in order before they send it. */
async function ask(method: string, path: string, token?: string): Promise<{ status: number; body: string }> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}

it('a guarded route is served at its address to whoever has the role', async () => {
  expect(await ask('GET', '/things', await issuer.token(['analyst']))).toEqual({
    status: 200,
    body: '{"secret":true}',
  });
});

it.each([
  ['GET', '/things'],
  ['HEAD', '/things'],
  ['OPTIONS', '/things'],
  ['PUT', '/things'],
  ['GET', '//things'],
  ['GET', '/things/'],
  ['GET', '/things//'],
  ['GET', '/%74hings'],
  ['GET', '/%2Fthings'],
  ['GET', '/THINGS'],
  ['GET', '/things;open'],
  ['GET', '/things?/docs/'],
  ['GET', '/things#/docs/'],
  ['GET', '/things%00'],
  ['GET', '/things%'],
  ['GET', '/./things'],
  ['GET', '/docs/../things'],
  ['GET', '/docs/%2e%2e/things'],
  ['GET', '/docs%2F..%2Fthings'],
  ['GET', '/docs/..%2f..%2fpackage.json'],
  ['GET', 'http://docs/things'],
])('without a token no other way of writing an address reaches it: %s %s', async (method, path) => {
  const { status, body } = await ask(method, path);
  expect([400, 401, 403, 404, 405]).toContain(status);
  expect(body).not.toContain('secret');
});
