import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ROLES } from '#app/http-edge';
import { untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { eventually } from '../support/eventually.js';
import { TestIssuer } from '../support/issuer.js';
import { produce } from '../support/kafka.js';
import type { AppName } from '../support/processes.js';
import { runFolder } from '../support/run-folder.js';
import { startSystem, type TestSystem } from '../support/system.js';
import type { FinishedProgram } from './finished-program.js';
import { faultsIn, installSchemathesis, type Schemathesis } from './schemathesis.js';

jest.setTimeout(240_000);

/** Seconds for each of the three documents. */
const BUDGET_S = 30;
/** A stream has no end, and a client that waits for it would call that a failure. */
const STREAMS = ['--exclude-path', '/v1/changes'];

/** A route that needs a token, and one that does not. */
const LISTED: Route = { app: 'query-api', path: '/v1/snapshots' };
const OPEN: Route = { app: 'audit-api', path: '/log/checkpoint' };
const GUARDED = [{ bearer: [] }];

const found = await installSchemathesis();
const check = found.run === null ? describe.skip : describe;
if (found.run === null) process.stderr.write(`skipped: schemathesis over the descriptions, because ${found.reason}\n`);
const schemathesis = found.run as Schemathesis;

check('schemathesis', () => {
  let system: TestSystem;
  let issuer: TestIssuer;

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    const off = { RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_COSTLY_PER_MINUTE: '0', RATE_LIMIT_OPEN_PER_MINUTE: '0' };
    const apps: AppName[] = ['ingest', 'projector', 'notary', 'query-api', 'audit-api', 'intake-api'];
    system = await startSystem({ apps, env: { ...issuer.env, ...off } });
    await produce(
      [...Array.from({ length: 5 }, (_, i) => report({ ref: `i-${i}` })), report({ data: { nonsense: 1 } })],
      system.brokers,
    );
    await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
    await eventually('a checkpoint covers them', async () => {
      const answer = await fetch(`${system.app('audit-api').url}/log/checkpoint`);
      return Number((await answer.text()).split('\n')[1]) >= 6 ? true : null;
    });
  });
  afterAll(async () => {
    await system?.stop();
    await issuer?.stop();
  });

  it.each<AppName>(['query-api', 'audit-api', 'intake-api'])(
    'finds no 5xx, no answer that %s does not describe, and no route that takes whoever comes',
    async (api) => {
      const token = await issuer.token(ROLES, { sources: ['*'] });
      const options = ['--phases', 'examples,coverage,fuzzing', '--max-time', String(BUDGET_S), ...STREAMS];
      const { code, output } = await schemathesis(`${system.app(api).url}/openapi.json`, token, options);
      expect({ code, output: code === 0 ? '' : output.slice(-12_000) }).toEqual({ code: 0, output: '' });
      expect(output).toMatch(/[1-9]\d* generated/);
    },
  );

  // What the API answers is as it is; what is said of one of its routes is another thing.
  it.each<[planted: string, found: readonly string[], route: Route, plant: (operation: Operation) => unknown]>([
    ['nothing', [], LISTED, () => {}],
    ['no 400', ['Undocumented status code'], LISTED, ({ responses }) => delete responses['400']],
    ['another type', ['Undocumented Content-Type'], LISTED, ({ responses }) => retype(responses['200'])],
    ['another shape', ['Response violates schema'], LISTED, ({ responses }) => reshape(responses['200'])],
    ['nothing', [], OPEN, () => {}],
    ['a guard', ['API accepts requests without authentication'], OPEN, (one) => (one.security = GUARDED)],
  ])('with %s planted into a description, finds %j', async (_planted, faults, route, plant) => {
    const { url } = system.app(route.app);
    const { code, output } = await tried(url, await planted(`${url}/openapi.json`, route, plant), route);
    expect({ code, faults: faultsIn(output) }).toEqual({ code: Math.min(1, faults.length), faults });
    expect(output).toMatch(/[1-9]\d* generated/);
  });

  it('finds a 5xx, though it be described', async () => {
    const failing = createServer((_request, reply) =>
      reply.writeHead(500, { 'content-type': 'application/problem+json' }).end('{}'),
    ).listen(0, '127.0.0.1');
    await once(failing, 'listening');
    const plant = ({ responses }: Operation): unknown => (responses['500'] = { description: 'planted' });
    const description = await planted(`${system.app(LISTED.app).url}/openapi.json`, LISTED, plant);
    const url = `http://127.0.0.1:${(failing.address() as AddressInfo).port}`;
    const { code, output } = await tried(url, description, LISTED);
    failing.close();
    expect({ code, faults: faultsIn(output) }).toEqual({ code: 1, faults: ['Server error'] });
  });

  async function tried(url: string, description: string, route: Route): Promise<FinishedProgram> {
    const token = await issuer.token(ROLES, { sources: ['*'] });
    const options = ['--url', url, '--include-path', route.path, '--phases', 'coverage', '--max-time', '20'];
    return schemathesis(description, token, options);
  }
});

/** A file with the description at `url` in which `plant` changed the GET of a route. */
async function planted(url: string, route: Route, plant: (operation: Operation) => unknown): Promise<string> {
  const document = (await (await fetch(url)).json()) as { paths: Record<string, { get: Operation }> };
  const operation = document.paths[route.path]?.get;
  if (operation === undefined) throw new Error(`${route.path} is not described`);
  plant(operation);
  const file = path.join(mkdtempSync(path.join(runFolder(), 'planted-')), 'openapi.json');
  writeFileSync(file, JSON.stringify(document));
  return file;
}

function retype(response: Response | undefined): void {
  if (response !== undefined) response.content = { 'text/plain': {} };
}

function reshape(response: Response | undefined): void {
  for (const described of Object.values(response?.content ?? {})) described.schema = { type: 'array' };
}

interface Route {
  app: AppName;
  path: string;
}
interface Operation {
  responses: Record<string, Response>;
  security?: Record<string, string[]>[];
}
interface Response {
  description?: string;
  content?: Record<string, { schema?: object }>;
}
