import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Role, ROLES } from '#app/http-edge';
import { incidentIdOf } from '#app/log';
import { repositoryRoot } from '#app/runtime';
import { describedRoutes, guardedRoutes, type GuardedRoute } from '../support/guarded-routes.js';
import { eventsOf, untilIngested } from '../support/ingest-facts.js';
import { cloudEvent, PUBLISHER, report, reportData } from '../support/ingest-messages.js';
import { eventually } from '../support/eventually.js';
import { forgedTokens, TestIssuer } from '../support/issuer.js';
import { produce, REPORTS_TOPIC } from '../support/kafka.js';
import type { AppName } from '../support/processes.js';
import { startSystem, type TestSystem } from '../support/system.js';

jest.setTimeout(180_000);

const APIS: readonly AppName[] = ['query-api', 'audit-api', 'intake-api'];
/** Found nowhere but in the confidential part of one report. */
const SECRET = 'contact-of-the-witness';
const INCIDENT = incidentIdOf(PUBLISHER, 'guarded');

describe('with authentication', () => {
  let system: TestSystem;
  let issuer: TestIssuer;
  let rejection: string;
  const tokens = new Map<Role, string>();
  const sent: string[] = [];
  const routes = new Map<AppName, GuardedRoute[]>();

  const tokenOf = async (...given: Parameters<TestIssuer['token']>): Promise<string> => {
    const token = await issuer.token(...given);
    sent.push(token);
    return token;
  };
  const ingested = (): Promise<void> =>
    untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
  const roleToken = (role: Role): string => tokens.get(role) ?? '';

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    const apps: AppName[] = ['ingest', 'projector', 'notary', 'query-api', 'audit-api', 'intake-api'];
    system = await startSystem({
      apps,
      env: { ...issuer.env, RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_COSTLY_PER_MINUTE: '0' },
    });
    for (const role of ROLES) tokens.set(role, await tokenOf([role], { sources: [PUBLISHER] }));
    await produce(
      [
        report({
          ref: 'guarded',
          id: 'guarded-1',
          data: { confidential: { sourceContact: SECRET }, summary: 'open to readers' },
        }),
        report({ id: 'bad', data: { nonsense: 1 } }),
        cloudEvent('org.conflictledger.report.v1', reportData(), { source: 'https://other.example' }),
      ].map((message) => ({ ...message, partition: 0 })),
      system.brokers,
    );
    await ingested();
    for (const api of APIS) routes.set(api, guardedRoutes(system.app(api)));
    await eventually('the incident is in the figures and under a checkpoint', async () => {
      const shown = await ask('query-api', `/v1/incidents/${INCIDENT}`, roleToken('analyst'));
      const proof = await ask('audit-api', '/v1/events/1/proof', roleToken('auditor'));
      return shown.status === 200 && proof.status === 200 ? true : null;
    });
    const listed = await ask('audit-api', '/v1/rejections', roleToken('steward'));
    rejection = ((await listed.json()) as { data: { id: string }[] }).data[0]?.id ?? '';
  });
  afterAll(async () => {
    await system?.stop();
    await issuer?.stop();
  });

  function ask(api: AppName, route: string, token?: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    return fetch(system.app(api).url + route, { ...init, headers });
  }

  /** Asks a route as nothing that it takes could be harmed: bodies are empty objects. */
  async function askRoute(api: AppName, { method, path: pattern }: GuardedRoute, token?: string) {
    const values: Record<string, string> = {
      position: '1',
      topic: REPORTS_TOPIC,
      partition: '0',
      offset: '0',
      code: 'IQ',
    };
    const id = pattern.startsWith('/v1/rejections') ? rejection : INCIDENT;
    const url = pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? id);
    const body = method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {};
    const answer = await ask(api, url, token, { method, ...body });
    const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (isStream) await answer.body?.cancel();
    const text = isStream ? '' : await answer.text();
    return { status: answer.status, text, headers: answer.headers };
  }

  const guarded = (): [AppName, GuardedRoute][] =>
    APIS.flatMap((api) =>
      (routes.get(api) ?? [])
        .filter(({ roles }) => roles !== 'open')
        .map((route): [AppName, GuardedRoute] => [api, route]),
    );

  it('every route is described with the roles that guard it, and none beside them is served', async () => {
    for (const api of APIS) {
      const described = (await describedRoutes(system.app(api))).map(({ method, path: at, roles }) => ({
        route: `${method} ${at}`,
        roles,
      }));
      const served = (routes.get(api) ?? [])
        .filter(({ method, path: at }) => method !== 'HEAD' && !/^\/(docs|openapi\.json)/.test(at))
        .map(({ method, path: at, roles }) => ({ route: `${method} ${at}`, roles }));
      const byRoute = (a: { route: string }, b: { route: string }): number => (a.route < b.route ? -1 : 1);
      expect({ api, routes: served.toSorted(byRoute) }).toEqual({ api, routes: described.toSorted(byRoute) });
    }
  });

  it('only the log, health and descriptions are open', () => {
    const open = APIS.flatMap((api) => (routes.get(api) ?? []).filter(({ roles }) => roles === 'open')).map(
      ({ path: at }) => at,
    );
    expect(open.filter((at) => !/^\/($|log\/|health\/|docs|openapi\.json$|asyncapi\.json$)/.test(at))).toEqual([]);
  });

  it('the table in docs/security.md is what holds', async () => {
    const page = readFileSync(path.join(repositoryRoot(), 'docs', 'security.md'), 'utf8');
    const lines: string[] = [];
    for (const api of APIS) {
      for (const { method, path: at, roles } of await describedRoutes(system.app(api))) {
        if (/^\/(health|metrics$)/.test(at) || at === '/') continue;
        lines.push(`| ${api} | \`${method} ${at}\` | ${roles === 'open' ? 'open' : roles.join(', ')} |`);
      }
    }
    const missing = lines.filter((line) => !page.includes(`${line}\n`));
    expect(missing).toEqual([]);
    const rows = page.split('\n').filter((line) => /^\| (query|audit|intake)-api \| `(GET|POST) /.test(line));
    expect(rows.filter((row) => !lines.includes(row))).toEqual([]);
  });

  it('every route lets in who has a role of it, and tells everybody else apart', async () => {
    const wrong: object[] = [];
    let asked = 0;
    for (const [api, route] of guarded()) {
      for (const role of [null, ...ROLES]) {
        const token = role === null ? undefined : roleToken(role);
        const { status, text, headers } = await askRoute(api, route, token);
        asked += 1;
        const may = role !== null && route.roles.includes(role);
        const code = route.method === 'HEAD' || text === '' ? null : codeOf(text);
        const expected = role === null ? 401 : 403;
        const isRight = may
          ? status !== 401 && status !== 403 && status < 500
          : status === expected &&
            (code === null || code === (role === null ? 'UNAUTHENTICATED' : 'FORBIDDEN')) &&
            headers.get('www-authenticate')?.startsWith('Bearer ') === true;
        const isPrivate =
          /private|no-store/.test(headers.get('cache-control') ?? '') &&
          !/public/.test(headers.get('cache-control') ?? '');
        if (!isRight || !isPrivate)
          wrong.push({ api, ...route, role, status, code, cache: headers.get('cache-control') });
      }
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(300);
  });

  it('no route takes a forged token', async () => {
    const forged = await forgedTokens(issuer);
    sent.push(...Object.values(forged).filter((token) => token.length > 100));
    const wrong: object[] = [];
    for (const [api, route] of guarded().filter(([, { method }]) => method !== 'HEAD')) {
      for (const [name, token] of Object.entries(forged)) {
        const { status, text } = await askRoute(api, route, token);
        if (status !== 401 || !/^TOKEN_(INVALID|EXPIRED)$/.test(codeOf(text) ?? ''))
          wrong.push({ api, ...route, name, status });
      }
    }
    expect(wrong).toEqual([]);
  });

  it('open routes are the same with a token, without, and with a bad one', async () => {
    for (const token of [undefined, 'abc', roleToken('auditor')]) {
      const answer = await ask('audit-api', '/log/checkpoint', token);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=1']);
    }
  });

  it('of two tokens in one request none counts', async () => {
    const { hostname, port } = new URL(system.app('query-api').url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `GET /v1/casualties HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${roleToken('analyst')}\r\nauthorization: Bearer ${roleToken('steward')}\r\nconnection: close\r\n\r\n`,
        ),
      );
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 401 [\s\S]*"TOKEN_INVALID"/);
  });

  it('what is confidential is shown to stewards and auditors, and counted for everybody else', async () => {
    const url = `/v1/incidents/${INCIDENT}`;
    const shown = async (role: Role) => {
      const answer = await ask('query-api', url, roleToken(role));
      return { headers: answer.headers, text: await answer.text() };
    };
    const analyst = await shown('analyst');
    expect(analyst.text).not.toContain(SECRET);
    expect(JSON.parse(analyst.text)).toMatchObject({
      sources: [{ opened: { summary: 'open to readers' }, confidential: null, withheld: 1 }],
      withheld: 1,
    });
    for (const role of ['steward', 'auditor'] as const) {
      const { text, headers } = await shown(role);
      expect(JSON.parse(text)).toMatchObject({
        sources: [{ confidential: { '/confidential/sourceContact': SECRET }, withheld: 0 }],
        withheld: 0,
      });
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('vary')).toContain('authorization');
      const etag = headers.get('etag') ?? '';
      const again = await ask('query-api', url, roleToken('analyst'), { headers: { 'if-none-match': etag } });
      expect([again.status, (await again.text()).includes(SECRET)]).toEqual([200, false]);
    }
    const told = system
      .app('query-api')
      .logs()
      .split('\n')
      .filter((line) => line.includes('confidential values were shown'));
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told.join()).toContain('"subject":"somebody-steward"');
  });

  it('a decision is by whoever sends it, whatever it says', async () => {
    const steward = await tokenOf(['steward'], { sub: 'steward-7', sources: [PUBLISHER] });
    const decide = async (data: object, token = steward) => {
      const answer = await ask('intake-api', `/v1/decisions?source=${PUBLISHER}`, token, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: JSON.stringify(data),
      });
      return { status: answer.status, code: codeOf(await answer.text()) };
    };
    const seal = (name: string, by?: string) => ({ kind: 'SEAL_SNAPSHOT', name, reason: 'r', by });
    expect(await decide(seal('forged-author', 'Somebody Else'))).toEqual({ status: 403, code: 'AUTHOR_NOT_CALLER' });
    expect(await decide(seal('no-name', 'steward-7 '))).toEqual({ status: 403, code: 'AUTHOR_NOT_CALLER' });
    expect(await decide(seal('without-author'))).toMatchObject({ status: 202 });
    expect(await decide(seal('own-author', 'steward-7'))).toMatchObject({ status: 202 });
    const event = { specversion: '1.0', id: randomUUID(), source: PUBLISHER, type: 'org.conflictledger.decision.v1' };
    const batch = await ask('intake-api', '/v1/decisions', steward, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify([
        { ...event, data: seal('in-a-batch') },
        { ...event, id: randomUUID(), data: seal('b', 'x') },
      ]),
    });
    expect([batch.status, codeOf(await batch.text())]).toEqual([403, 'AUTHOR_NOT_CALLER']);
    const discard = (by?: string) =>
      ask('audit-api', `/v1/rejections/${rejection}/discard`, steward, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ reason: 'seen', ...(by === undefined ? {} : { by }) }),
      });
    expect((await discard('Somebody Else')).status).toBe(403);
    expect((await discard()).status).toBe(202);
    await ingested();
    const decided = (await eventsOf(system.pool)).filter(({ type }) => /Snapshot|Discarded/.test(type));
    expect(decided.map(({ leaf }) => (leaf as { actor?: string }).actor)).toEqual(
      Array.from({ length: 3 }, () => 'steward:steward-7'),
    );
  });

  it('a publisher sends under the sources of his token, and under no other', async () => {
    const send = async (source: string, token: string, asEvent = false) => {
      const event = {
        specversion: '1.0',
        id: randomUUID(),
        source,
        type: 'org.conflictledger.report.v1',
        data: reportData(),
      };
      const answer = await ask(
        'intake-api',
        asEvent ? '/v1/reports' : `/v1/reports?source=${encodeURIComponent(source)}`,
        token,
        {
          method: 'POST',
          headers: {
            'content-type': asEvent ? 'application/cloudevents+json' : 'application/json',
            'idempotency-key': randomUUID(),
          },
          body: JSON.stringify(asEvent ? event : event.data),
        },
      );
      return [answer.status, codeOf(await answer.text())];
    };
    for (const asEvent of [false, true]) {
      expect(await send(PUBLISHER, roleToken('publisher'), asEvent)).toEqual([202, undefined]);
      expect(await send(`${PUBLISHER}/iraq`, roleToken('publisher'), asEvent)).toEqual([202, undefined]);
      for (const source of [`${PUBLISHER}.evil.test`, 'https://other.example', `${PUBLISHER}x`]) {
        expect(await send(source, roleToken('publisher'), asEvent)).toEqual([403, 'SOURCE_NOT_ALLOWED']);
      }
    }
    expect(await send(PUBLISHER, await tokenOf(['publisher']))).toEqual([403, 'SOURCE_NOT_ALLOWED']);
    expect(await send('urn:any', await tokenOf(['publisher'], { sources: '*' }))).toEqual([202, undefined]);
  });

  it('a stream ends with its token', async () => {
    const exp = Math.floor(Date.now() / 1000) + 2;
    const answer = await ask('query-api', '/v1/changes', await tokenOf(['analyst'], { exp }));
    expect(answer.status).toBe(200);
    const started = Date.now();
    await answer.text();
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  it('no secret is in a log, a metric or a leaf', async () => {
    const password = new URL(system.env['DATABASE_URL'] ?? '').password;
    const master = readFileSync(system.env['LEDGER_MASTER_KEY_FILE'] ?? '', 'utf8').trim();
    const secrets = {
      password,
      master,
      [SECRET]: SECRET,
      ...Object.fromEntries(sent.map((token, i) => [`token ${i}`, token.slice(-40)])),
    };
    const places: Record<string, string> = {
      leaves: JSON.stringify((await system.pool.query('SELECT leaf FROM ledger.event')).rows),
    };
    for (const name of ['ingest', 'projector', 'notary', ...APIS] as const) {
      const { url } = system.app(name);
      places[`log of ${name}`] = system.app(name).logs();
      const headers = { authorization: `Bearer ${roleToken('operator')}` };
      places[`metrics of ${name}`] = await (await fetch(`${url}/metrics`, { headers })).text();
      places[`health of ${name}`] = await (await fetch(`${url}/health/ready`)).text();
      expect(places[`metrics of ${name}`]).toContain('process_cpu');
    }
    for (const [place, text] of Object.entries(places)) {
      const found = Object.entries(secrets).filter(([, value]) => value !== '' && text.includes(value));
      expect({ place, found: found.map(([name]) => name) }).toEqual({ place, found: [] });
    }
  });

  it('readiness tells when the keys of the issuer cannot be had from the start', async () => {
    const app = await system.start('query-api', { AUTH_JWKS_URL: 'http://127.0.0.1:1/certs' });
    const ready = await eventually('it answers', () => fetch(`${app.url}/health/ready`).catch(() => null));
    expect([ready.status, await ready.json()]).toMatchObject([503, { checks: { issuer: { status: 'down' } } }]);
    const asked = await fetch(`${app.url}/v1/casualties`, {
      headers: { authorization: `Bearer ${roleToken('analyst')}` },
    });
    expect([asked.status, codeOf(await asked.text()), asked.headers.get('retry-after')]).toEqual([
      503,
      'AUTH_UNAVAILABLE',
      '5',
    ]);
    await app.stop();
  });
});

function codeOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { code?: string }).code;
  } catch {
    return undefined;
  }
}
