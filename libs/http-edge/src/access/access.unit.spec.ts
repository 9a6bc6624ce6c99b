import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Body, Controller, Get, Module, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { forgedTokens, TestIssuer } from '../../../../test/support/issuer.js';
import { Access, ApiConfig, createHttpApp } from '../index.js';
import { authSettings } from './auth-settings.js';
import { claimAt, wordsOf } from './claims.js';
import { TokenVerifier } from './token-verifier.js';

jest.setTimeout(30_000);

@Controller('things')
@Access({ roles: ['analyst'] })
class ThingsController {
  @Get()
  who(@Req() { caller }: FastifyRequest): object {
    return { ...caller, roles: [...caller.roles] };
  }

  @Get('open')
  @Access('open')
  open(): object {
    return {};
  }

  @Post()
  @Access({ roles: ['steward'] })
  make(@Body() body: object): object {
    return body;
  }
}

@Controller('forgotten')
class ForgottenController {
  @Get()
  all(): object {
    return {};
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

@Module({ controllers: [ForgottenController] })
class ForgottenModule {}

const silent = pino({ level: 'silent' });

async function start(config: Partial<ApiConfig>, module = ThingsModule): Promise<NestFastifyApplication> {
  const app = await createHttpApp(module, {
    name: 'things',
    title: 'Things',
    config: Object.assign(new ApiConfig(), config),
    logger: silent,
    registry: new Registry(),
  });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

let issuer: TestIssuer;
let app: NestFastifyApplication;
beforeAll(async () => {
  issuer = await TestIssuer.start();
  app = await start({ ...issuer.env, HTTP_HOST: '0.0.0.0' });
});
afterAll(async () => {
  await app.close();
  await issuer.stop();
});

const get = (url: string, token?: string) =>
  app.inject({ url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

describe('a route with roles', () => {
  it('asks whoever sends no token who he is', async () => {
    const answer = await get('/things');
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="conflict-ledger"');
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it('takes no other scheme, no second token, and none in the address', async () => {
    const token = await issuer.token(['analyst']);
    const basic = await app.inject({ url: '/things', headers: { authorization: 'Basic YTpi' } });
    expect([basic.statusCode, basic.json().code]).toEqual([401, 'UNAUTHENTICATED']);
    expect((await get(`/things?access_token=${token}`)).json().code).toBe('UNAUTHENTICATED');
  });

  it('lets in who has the role, and tells the handler who it is', async () => {
    const token = await issuer.token(['analyst'], { sub: 'ana', sources: ['urn:a', 'https://b.test/'] });
    const answer = await get('/things', token);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      subject: 'ana',
      author: 'ana',
      roles: ['analyst'],
      sources: ['urn:a', 'https://b.test/'],
      seesConfidential: false,
    });
  });

  it('names the role that is missing', async () => {
    const answer = await get('/things', await issuer.token(['publisher', 'operator']));
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'FORBIDDEN']);
    expect(answer.json().detail).toContain('analyst');
    expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"');
    expect(answer.headers['www-authenticate']).toContain('scope="analyst"');
  });

  it('refuses before a body is read', async () => {
    const answer = await app.inject({
      url: '/things',
      method: 'POST',
      payload: '{"broken',
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('refuses what forgers send, and says why in the header', async () => {
    for (const [name, token] of Object.entries(await forgedTokens(issuer))) {
      const answer = await get('/things', token);
      const code = name === 'that has ended' ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID';
      expect({ name, status: answer.statusCode, code: answer.json().code }).toEqual({ name, status: 401, code });
      expect(answer.headers['www-authenticate']).toMatch(
        /^Bearer realm="conflict-ledger", error="invalid_token", error_description="[^"]+"$/,
      );
      expect(answer.body).not.toContain(token);
    }
  });

  it('forgives a clock that is a little off, both ways', async () => {
    const now = Math.floor(Date.now() / 1000);
    expect((await get('/things', await issuer.token(['analyst'], { exp: now - 20 }))).statusCode).toBe(200);
    expect((await get('/things', await issuer.token(['analyst'], { nbf: now + 20 }))).statusCode).toBe(200);
  });

  it('keeps what it answers out of shared caches', async () => {
    const { headers } = await get('/things', await issuer.token(['analyst']));
    expect(headers['cache-control']).toBe('private, no-cache');
    expect(headers['vary']).toContain('authorization');
  });
});

it('leaves open what is declared open: without a token, and with a bad one', async () => {
  for (const url of ['/things/open', '/health/live', '/health/ready', '/openapi.json', '/docs', '/']) {
    expect([url, (await get(url)).statusCode]).toEqual([url, 200]);
    expect([url, (await get(url, 'abc')).statusCode]).toEqual([url, 200]);
  }
  expect((await get('/metrics')).statusCode).toBe(401);
  expect((await get('/metrics', await issuer.token(['operator']))).statusCode).toBe(200);
});

it('does not start with a route that says nothing of who may use it', async () => {
  await expect(start({}, ForgottenModule)).rejects.toThrow(/GET \/forgotten does not declare who may use it/);
});

it('does not start with a part of the settings', async () => {
  await expect(start({ AUTH_ISSUER: 'https://issuer.test' })).rejects.toThrow(/AUTH_AUDIENCE[\s\S]*AUTH_JWKS_URL/);
});

it('documents tokens, roles and refusals', async () => {
  const document = (await get('/openapi.json')).json();
  expect(document.components.securitySchemes.bearer).toMatchObject({ type: 'http', scheme: 'bearer' });
  const { get: read } = document.paths['/things'];
  expect([read.security, read['x-roles']]).toEqual([[{ bearer: [] }], ['analyst']]);
  expect(Object.keys(read.responses)).toEqual(expect.arrayContaining(['401', '403', '429', '503']));
  expect(document.paths['/things/open'].get.security).toBeUndefined();
});

describe('the keys of the issuer', () => {
  const patience = { timeoutMs: 300, cooldownMs: 0, retryMs: 50 };
  const keysMaxAgeMs = 300;
  const verifierOf = (one: TestIssuer): TokenVerifier => {
    const settings = authSettings(Object.assign(new ApiConfig(), one.env));
    if (settings === null) throw new Error('there are settings');
    return new TokenVerifier({ ...settings, keysMaxAgeMs }, patience);
  };

  it('may be replaced: a new one is taken at its first token, an old one no more when it is gone', async () => {
    const rotating = await TestIssuer.start();
    const verifier = verifierOf(rotating);
    const old = await rotating.token(['analyst']);
    await verifier.callerOf(old);
    await rotating.addKey('RS256');
    expect((await verifier.callerOf(await rotating.token(['auditor']))).roles).toEqual(new Set(['auditor']));
    await verifier.callerOf(old);
    rotating.dropOldestKey();
    await new Promise((resolve) => setTimeout(resolve, keysMaxAgeMs));
    await expect(verifier.callerOf(old)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
    await rotating.stop();
  });

  it('are 503 while they cannot be had, for good and bad tokens alike, and readiness says so', async () => {
    const silentOne = await TestIssuer.start();
    const token = await silentOne.token(['analyst']);
    const verifier = verifierOf(silentOne);
    await silentOne.stop();
    for (const each of [token, `${token}x`]) {
      await expect(verifier.callerOf(each)).rejects.toMatchObject({
        code: 'AUTH_UNAVAILABLE',
        headers: { 'retry-after': '5' },
      });
    }
    await expect(verifier.check()).rejects.toThrow(/fetch failed|tried just now/);
    await silentOne.listen();
    await new Promise((resolve) => setTimeout(resolve, patience.retryMs));
    await verifier.check();
    await verifier.callerOf(token);
    await silentOne.stop();
    await new Promise((resolve) => setTimeout(resolve, keysMaxAgeMs));
    await expect(verifier.callerOf(token)).rejects.toMatchObject({ code: 'AUTH_UNAVAILABLE' });
  });

  it('are asked for once a moment while what comes is no set of keys, as when a proxy answers with its own page', async () => {
    const broken = await TestIssuer.start();
    const token = await broken.token(['analyst']);
    broken.page = '<html>down for maintenance</html>';
    const settings = authSettings(Object.assign(new ApiConfig(), broken.env));
    if (settings === null) throw new Error('there are settings');
    const verifier = new TokenVerifier(settings, { ...patience, retryMs: 2_000 });
    for (let i = 0; i < 20; i += 1) {
      await expect(verifier.callerOf(token)).rejects.toMatchObject({ code: 'AUTH_UNAVAILABLE' });
    }
    expect(broken.fetches).toBe(1);
    await broken.stop();
  });

  it('are asked for once while many unknown ones come', async () => {
    const busy = await TestIssuer.start();
    const settings = authSettings(Object.assign(new ApiConfig(), busy.env));
    if (settings === null) throw new Error('there are settings');
    const verifier = new TokenVerifier(settings);
    const unknown = await busy.token(['analyst'], {}, { ...busy.newestKey, kid: 'unknown' });
    for (let i = 0; i < 20; i += 1) {
      await expect(verifier.callerOf(unknown)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
    }
    expect(busy.fetches).toBe(1);
    await busy.stop();
  });
});

describe('claims', () => {
  it('are found by name, by path, and never in a prototype', () => {
    const claims = { realm_access: { roles: ['analyst'] }, 'https://x.test/roles': ['auditor'], a: null };
    expect(claimAt(claims, 'realm_access.roles')).toEqual(['analyst']);
    expect(claimAt(claims, 'https://x.test/roles')).toEqual(['auditor']);
    for (const path of ['a.b', 'constructor', '__proto__', 'realm_access.roles.length', 'none']) {
      expect([path, wordsOf(claimAt(claims, path))]).toEqual([path, []]);
    }
  });

  it('are lists or words, and nothing else', () => {
    expect(wordsOf('analyst  auditor')).toEqual(['analyst', 'auditor']);
    expect(wordsOf(['analyst', 1, null])).toEqual(['analyst']);
    expect([{}, 1, null, undefined, true].map(wordsOf)).toEqual([[], [], [], [], []]);
  });
});
