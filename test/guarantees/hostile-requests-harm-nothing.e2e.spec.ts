import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { untilIngested } from '../support/ingest-facts.js';
import { cloudEvent, report, reportData } from '../support/ingest-messages.js';
import { eventually } from '../support/eventually.js';
import { produce } from '../support/kafka.js';
import type { AppName } from '../support/processes.js';
import { readRoutes } from '../support/read-routes.js';
import { startSystem, type TestSystem } from '../support/system.js';

jest.setTimeout(180_000);

const FORMULAS = ['=cmd|calc', '+1+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1', '\uFF1D1+1'];
/** Names are one line: the others end in rejections, which are a table as well. */
const TAKEN = FORMULAS.filter((formula) => !/[\t\r]/.test(formula));
const SQL = [
  "'; DROP TABLE ledger.event; --",
  "' OR '1'='1",
  '1; SELECT pg_sleep(20)',
  "x' UNION SELECT leaf FROM ledger.event --",
  '$1',
  '%27%3B',
];

describe('hostile requests', () => {
  let system: TestSystem;
  const address = (app: AppName): string => system.app(app).url;

  beforeAll(async () => {
    system = await startSystem();
    await produce(
      FORMULAS.flatMap((formula, index) => [
        report({
          ref: `${formula}-${index}`,
          data: {
            source: { name: `${formula} outlet`, kind: 'MEDIA_NATIONAL' },
            place: { name: `${formula} place`, country: 'IQ', precision: 'SETTLEMENT' },
            actors: [{ name: `${formula} actor`, type: 'REBEL_GROUP', role: 'PERPETRATOR', attribution: 'CLAIMED' }],
            summary: `${formula} summary`,
            tags: [`${formula} tag`],
          },
        }),
        cloudEvent('org.conflictledger.site.v1', {
          siteRef: `${formula} site`,
          kind: 'MASS_GRAVE',
          count: { qualifier: 'EXACT', lo: 1, hi: 1 },
          area: { code: 'IQ' },
          eventPeriod: { start: '2014-06-01', end: '2017-12-31' },
          discovered: '2018-11-06',
          publisher: { name: `${formula} publisher`, kind: 'UN' },
          source: { name: `${formula} source`, kind: 'UN', url: 'https://un.example/1' },
        }),
      ]).map((message) => ({ ...message, partition: 0 })),
      system.brokers,
    );
    await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
    await eventually('the figures show them', async () => {
      const answer = await fetch(`${address('query-api')}/v1/incidents`);
      const { total } = (await answer.json()) as { total?: number };
      return total === TAKEN.length ? true : null;
    });
  });
  afterAll(() => system?.stop());

  it('no cell of any table begins a formula', async () => {
    const [first] = ((await (await fetch(`${address('query-api')}/v1/incidents`)).json()) as { data: { id: string }[] })
      .data;
    const values = {
      id: [first?.id ?? ''],
      code: ['IQ'],
      position: ['1'],
      asOfFrom: ['0'],
      source: ['https://desk.example'],
      topic: ['conflict.reports.v1'],
      partition: ['0'],
      offset: ['0'],
    };
    let cells = 0;
    let tables = 0;
    for (const api of ['query-api', 'audit-api'] as const) {
      for (const url of (await readRoutes(system.app(api), values)).filter((one) => /\/v1\/(?!changes)/.test(one))) {
        const answer = await fetch(`${url}${url.includes('?') ? '&' : '?'}format=csv`);
        const text = await answer.text();
        if (answer.headers.get('content-type')?.startsWith('text/csv') !== true) continue;
        tables += 1;
        for (const cell of parse(text).flat()) {
          cells += 1;
          const isNumber = /^[+-]?\d+(\.\d+)?$/.test(cell);
          expect({ url, cell, begins: !isNumber && /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/.test(cell) }).toEqual({
            url,
            cell,
            begins: false,
          });
        }
      }
    }
    expect(tables).toBeGreaterThan(8);
    expect(cells).toBeGreaterThan(500);
  });

  it('text for SQL is text: nothing is dropped, nothing waits, nothing breaks', async () => {
    const count = async (): Promise<unknown> =>
      (await system.pool.query('SELECT count(*)::int AS n, max(position) AS last FROM ledger.event')).rows;
    const before = await count();
    const began = Date.now();
    for (const api of ['query-api', 'audit-api'] as const) {
      const document = (await (await fetch(`${address(api)}/openapi.json`)).json()) as {
        paths: Record<string, { get?: { parameters?: { name: string; in: string }[] } }>;
      };
      for (const [pattern, { get }] of Object.entries(document.paths)) {
        for (const { name, in: place } of get?.parameters ?? []) {
          for (const text of SQL) {
            const value = encodeURIComponent(text);
            const route = place === 'path' ? pattern.replace(`{${name}}`, value) : `${pattern}?${name}=${value}`;
            const answer = await fetch(address(api) + route.replaceAll(/\{\w+\}/g, '1'), {
              signal: AbortSignal.timeout(15_000),
            });
            await answer.body?.cancel();
            expect({ route, broke: answer.status >= 500 && answer.status !== 503 }).toEqual({ route, broke: false });
          }
        }
      }
    }
    expect(await count()).toEqual(before);
    expect(Date.now() - began).toBeLessThan(120_000);
  });

  it.each([
    '/log/tile/../../../../etc/passwd',
    '/log/tile/..%2f..%2f..%2fetc%2fpasswd',
    '/log/tile/0/..%5c..%5cwindows',
    '/log//etc/passwd',
    '/docs/../../../../etc/passwd',
    '/docs/..%2f..%2f..%2fpackage.json',
    '/log/tile/entries/000.p/%00',
    '/log/tile/entries/000.p/../../checkpoint',
  ])('a path leads nowhere but where a route is: %s', async (target) => {
    for (const app of ['audit-api', 'query-api'] as const) {
      // fetch would tidy the path.
      const answer = await raw(app, `GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 40[0345] /);
      expect(answer).not.toMatch(/root:|"name": "conflict-ledger"/);
    }
  });

  it('nothing of a request becomes a header of the answer', async () => {
    const injected = 'x%0d%0aset-cookie:%20a=b';
    for (const target of [
      `/v1/incidents?cursor=${injected}`,
      `/v1/incidents/${injected}`,
      `/v1/regions/${injected}`,
      `/v1/citations/${injected}`,
    ]) {
      const answer = await raw(
        'query-api',
        `GET ${target} HTTP/1.1\r\nhost: x\r\nx-request-id: a\tb"c\r\nconnection: close\r\n\r\n`,
      );
      const [head = ''] = answer.split('\r\n\r\n');
      expect(head.toLowerCase()).not.toContain('set-cookie');
      expect(head).toMatch(/x-request-id: [\w-]{36}/);
    }
    // Neither may a host: `next` is an address that the client follows.
    const list = await raw(
      'query-api',
      'GET /v1/incidents?limit=1 HTTP/1.1\r\nhost: evil.test"<>\r\nconnection: close\r\n\r\n',
    );
    expect(list).toMatch(/^HTTP\/1\.1 400 [\s\S]*"BAD_REQUEST"/);
  });

  it('a line of NDJSON is one message, whatever stands in it', async () => {
    const before = await offsets();
    const send = async (body: string | Buffer, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${address('intake-api')}/v1/reports?source=https://desk.example`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': 'lines', ...headers },
        body,
      });
      return [answer.status, ((await answer.json()) as { code?: string }).code];
    };
    const good = JSON.stringify(reportData());
    const wrong = JSON.stringify({ ...reportData(), unknown: 1 });
    expect(await send(`${good}\n${wrong}\n`)).toEqual([422, 'INVALID_MESSAGE']);
    expect(await send(`${good}\r${good}`)).toEqual([422, 'INVALID_MESSAGE']);
    expect(await send(`${good}${good}`)).toEqual([422, 'INVALID_MESSAGE']);
    expect(await send('[]\n'.repeat(10_001))).toEqual([422, 'INVALID_MESSAGE']);
    expect(await send(`${'['.repeat(1_000_000)}\n`)).toEqual([422, 'INVALID_MESSAGE']);
    expect(await send(`${JSON.stringify({ ...reportData(), summary: 'a'.repeat(1_100_000) })}\n`)).toEqual([
      422,
      'INVALID_MESSAGE',
    ]);
    expect(await send(Buffer.alloc(8_400_000, 0x20))).toEqual([413, 'BODY_TOO_LARGE']);
    expect(await send(gzipSync(`${good}\n`), { 'content-encoding': 'gzip' })).toEqual([415, 'UNSUPPORTED_ENCODING']);
    expect(await send(gzipSync(Buffer.alloc(200_000_000)), { 'content-encoding': 'gzip' })).toEqual([
      415,
      'UNSUPPORTED_ENCODING',
    ]);
    expect(await offsets()).toEqual(before);
  });

  it('whoever sends slowly is let go, and nobody else waits for it', async () => {
    const { port } = new URL(address('intake-api'));
    const heads = [
      '',
      'POST /v1/reports?source=urn:a HTTP/1.1\r\nhost: x\r\n',
      'POST /v1/reports?source=urn:a HTTP/1.1\r\nhost: x\r\nidempotency-key: a\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{',
    ];
    const sockets = heads.flatMap((head) => Array.from({ length: 60 }, () => slow(Number(port), head)));
    const closed = Promise.all(
      sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
    );
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable && socket.bytesWritten > 0) socket.write('x');
    }, 1_000);
    await pause(2_000);
    for (let i = 0; i < 20; i += 1) expect((await fetch(`${address('intake-api')}/health/live`)).status).toBe(200);
    await Promise.race([closed, pause(60_000)]);
    clearInterval(drip);
    const open = sockets.filter((socket) => !socket.destroyed).length;
    for (const socket of sockets) socket.destroy();
    expect(open).toBe(0);
  });

  async function offsets(): Promise<unknown> {
    return (await system.pool.query('SELECT topic, partition, next_offset FROM ledger.kafka_cursor ORDER BY 1, 2'))
      .rows;
  }

  function raw(app: AppName, request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(address(app)).port), '127.0.0.1', () => socket.write(request));
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString('latin1')));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
  }
});

function slow(port: number, head: string): Socket {
  const socket = connect(port, '127.0.0.1', () => {
    if (head !== '') socket.write(head);
  });
  socket.on('error', () => {});
  socket.resume();
  return socket;
}
