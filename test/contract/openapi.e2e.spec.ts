import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dereference, validate } from '@readme/openapi-parser';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { untilIngested } from '../support/ingest-facts.js';
import { cloudEvent, PUBLISHER, report, reportData } from '../support/ingest-messages.js';
import { eventually } from '../support/eventually.js';
import { produce, REPORTS_TOPIC } from '../support/kafka.js';
import type { AppName } from '../support/processes.js';
import { startSystem, type TestSystem } from '../support/system.js';

interface Parameter {
  name: string;
  in: 'query' | 'path' | 'header';
  schema: { enum?: unknown[]; items?: { enum?: unknown[] } };
}
interface Operation {
  parameters?: Parameter[];
  responses: Record<string, { content?: Record<string, { schema?: object }> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

const APIS: readonly AppName[] = ['query-api', 'audit-api', 'intake-api'];

/** Tried on every parameter, already percent-encoded: what breaks parsers, casts and databases. */
const HOSTILE = [
  '',
  '%20',
  '0',
  '-1',
  '1.5',
  '1e400',
  '9007199254740993',
  '99999999999999999999999999',
  'NaN',
  'null',
  'true',
  '%5B%5D',
  '%7B%22a%22%3A1%7D',
  '%27%20OR%201%3D1%20--',
  '%00',
  'a%00b',
  '%ED%A0%80',
  '%F0%9F%92%A3',
  '..%2F..%2Fetc%2Fpasswd',
  'x'.repeat(3_000),
  ','.repeat(500),
  '2018',
  '2018-W05',
  '2018-W05-1',
  '20180101T000000Z',
  '2018-02-30',
  '2018-02-30T00:00:00Z',
  '0000-01-01',
  '0001-01-01T00:00:00%2B23:59',
  '9999-12-31T23:59:59-23:59',
  '%2B275760-09-13T00:00:00.000Z',
  '00000000-0000-0000-0000-000000000000',
  'E3E70682-C209-0CAC-029F-6FBED82C07CD',
];

/** Values that a reader would use; the enumerated ones come from the document. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  region: ['IQ', 'IQ-NI', 'IRQ'],
  from: ['2018-01-01', '5'],
  to: ['2018-12-31'],
  asOf: ['5', '2999-01-01', 'no-such-snapshot'],
  asOfFrom: ['4', '5'],
  asOfTo: ['6'],
  publishedUntil: ['2018-11-09', '2018-11-09T06:00:00Z'],
  since: ['4'],
  groupBy: ['month,status', 'region:country'],
  limit: ['1', '10000'],
  bbox: ['42,35,44,37'],
  near: ['36.3,43.1,50'],
  publisher: ['Kurdistan%2024'],
  source: [encodeURIComponent(PUBLISHER)],
  id: ['good-1'],
  recordedFrom: ['2018-01-01T00:00:00Z', '2018-01-01T00:00:00.123456789%2B03:00'],
  changedSince: ['4'],
  bom: ['true'],
  hxl: ['true'],
};

const MONTHLY_FIGURE = {
  seriesId: 'monthly-casualties',
  publisher: { name: 'UNAMI', kind: 'UN' },
  indicator: 'KILLED',
  statusDefinition: 'CIVILIANS_INCLUDING_POLICE',
  period: { start: '2018-10-01', end: '2018-10-31' },
  area: { code: 'IQ' },
  value: { qualifier: 'EXACT', lo: 69, hi: 69 },
  breakdown: [{ area: { code: 'IQ-NI' }, value: { qualifier: 'EXACT', lo: 29, hi: 29 } }],
  publishedAt: '2018-11-01T12:00:00Z',
  kind: 'OFFICIAL_AGGREGATE',
  source: { name: 'UNAMI', kind: 'UN' },
};

describe('the published descriptions', () => {
  let system: TestSystem;
  const documents = new Map<AppName, Document>();
  /** Values of path parameters that exist, by path and name. */
  let existing: (path: string, name: string) => string;

  beforeAll(async () => {
    system = await startSystem();
    const audit = system.app('audit-api').url;
    await produce(
      [
        ...Array.from({ length: 12 }, (_, i) => report({ id: `good-${i}`, reportId: `good-${i}`, ref: `i-${i % 5}` })),
        report({ id: 'bad', data: { nonsense: 1 } }),
        cloudEvent('org.conflictledger.aggregate.v1', MONTHLY_FIGURE),
      ].map((message) => ({ ...message, partition: 0 })),
      system.brokers,
    );
    await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
    const replay = await eventually('the figures reach position 5', async () => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${audit}/v1/replays`, { method: 'POST', headers, body: '{"upTo":5}' });
      return answer.status === 202 ? ((await answer.json()) as { id: string }).id : null;
    });
    await eventually('the aggregate is in the figures', async () => {
      const answer = await fetch(`${system.app('query-api').url}/v1/aggregates`);
      return answer.status === 200 && ((await answer.json()) as { total: number }).total > 0;
    });
    const { data: rejections } = (await (await fetch(`${audit}/v1/rejections`)).json()) as { data: { id: string }[] };
    const { event } = (await (await fetch(`${audit}/v1/events/5`)).json()) as { event: { stream: string } };
    await system.start('notary');
    const cited = await eventually('a figure is cited', async () => {
      const headers = { 'content-type': 'application/json' };
      const body = '{"query":"/v1/casualties"}';
      const answer = await fetch(`${system.app('query-api').url}/v1/citations`, { method: 'POST', headers, body });
      return answer.status === 201 ? ((await answer.json()) as { id: string; checkpoint: string }) : null;
    });
    const ids: Record<string, string | undefined> = {
      citations: cited.id,
      incidents: event.stream,
      rejections: rejections[0]?.id,
      replays: replay,
    };
    const values: Record<string, string> = {
      path: `0/000.p/${cited.checkpoint.split('\n')[1]}`,
      position: '5',
      code: 'IQ',
      topic: REPORTS_TOPIC,
      partition: '0',
      offset: '3',
    };
    existing = (path, name) => {
      const value = values[name] ?? ids[path.split('/')[2] ?? ''];
      if (value === undefined) throw new Error(`no value is known for {${name}} of ${path}`);
      return value;
    };
    for (const api of APIS) {
      const published = (await (await fetch(`${system.app(api).url}/openapi.json`)).json()) as object;
      expect(await validate(structuredClone(published) as never)).toMatchObject({ valid: true });
      const whole: unknown = await dereference(published as never);
      documents.set(api, whole as Document);
    }
  }, 120_000);
  afterAll(() => system.stop(), 60_000);

  const getsOf = (api: AppName): { path: string; operation: Operation }[] =>
    Object.entries(documents.get(api)?.paths ?? {}).flatMap(([path, { get }]) =>
      get === undefined ? [] : [{ path, operation: get }],
    );
  const addressOf = (path: string, given: Readonly<Record<string, string>> = {}): string =>
    path.replaceAll(/\{(\w+)\}/g, (_, name: string) => given[name] ?? existing(path, name));

  /** What a route needs to be asked at all. */
  const NEEDED: Readonly<Record<string, readonly string[]>> = {
    '/v1/deliveries': [`source=${encodeURIComponent(PUBLISHER)}`, 'id=good-1'],
    '/v1/consistency': ['from=4'],
    '/v1/diff': ['asOfFrom=4'],
    '/v1/reconciliation': [`series=${MONTHLY_FIGURE.seriesId}`, 'period=2018-10'],
  };
  const needed = (path: string): readonly string[] => NEEDED[path] ?? [];

  const askedFor = (path: string, name: string, value: string): string =>
    `${addressOf(path)}?${[...needed(path).filter((one) => !one.startsWith(`${name}=`)), `${name}=${value}`].join('&')}`;

  it.each(APIS)('of %s are OpenAPI 3.1 and name every route', async (api) => {
    const document = documents.get(api);
    expect(document?.openapi).toMatch(/^3\.1\./);
    expect(Object.keys(document?.paths ?? {})).toEqual(
      expect.arrayContaining(['/health/live', '/health/ready', '/metrics']),
    );
    expect((await fetch(`${system.app(api).url}/docs`)).status).toBe(200);
    for (const path of Object.keys(document?.paths ?? {})) {
      const answer = await fetch(system.app(api).url + addressOf(path), { method: 'TRACE_' });
      expect({ path, status: answer.status }).not.toEqual({ path, status: 200 });
    }
  });

  it.each(APIS)('of %s hold for usual requests, each of which succeeds', async (api) => {
    const requests = getsOf(api).flatMap(({ path, operation }) => {
      const query = needed(path).join('&');
      const plain = { path, operation, url: `${addressOf(path)}${query === '' ? '' : `?${query}`}` };
      const withOne = (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'query')
        .flatMap(({ name, schema }) => {
          const values = schema.enum ?? schema.items?.enum ?? USUAL[name] ?? [];
          return values.map((value) => ({ path, operation, url: askedFor(path, name, String(value)) }));
        });
      return [plain, ...withOne];
    });
    const answers = await askAll(api, requests);
    expect(answers.filter(({ wrong }) => wrong !== null)).toEqual([]);
    const without200 = getsOf(api).filter(
      ({ path }) => !answers.some((one) => one.path === path && one.status === 200),
    );
    expect(without200.map(({ path }) => path)).toEqual([]);
  });

  it.each(APIS)('of %s hold for hostile requests', async (api) => {
    const requests = getsOf(api).flatMap(({ path, operation }) =>
      (operation.parameters ?? []).flatMap((parameter) =>
        HOSTILE.flatMap((value) => {
          // An empty or dotted segment is another path.
          if (parameter.in === 'path') {
            return value === '' ? [] : [{ path, operation, url: addressOf(path, { [parameter.name]: value }) }];
          }
          const url = askedFor(path, parameter.name, value);
          const twice = value === '0' ? [{ path, operation, url: `${url}&${parameter.name}=1` }] : [];
          return [{ path, operation, url }, ...twice];
        }),
      ),
    );
    const answers = await askAll(api, requests);
    expect(answers.filter(({ wrong }) => wrong !== null)).toEqual([]);
  });

  it.each(APIS)('of %s: an unknown parameter is refused on every route', async (api) => {
    for (const { path } of getsOf(api)) {
      for (const name of ['unknown', 'Limit', '__proto__', 'constructor', 'from%5B%5D']) {
        const answer = await fetch(`${system.app(api).url}${askedFor(path, name, '1')}`);
        const problem: unknown = await answer.json();
        expect({ path, name, status: answer.status, problem }).toMatchObject({
          status: 400,
          problem: { code: 'UNKNOWN_PARAMETER' },
        });
      }
    }
  });

  it('of intake-api hold for what it takes and for what it refuses', async () => {
    const path = '/v1/reports';
    const operation = documents.get('intake-api')?.paths[path]?.['post'];
    if (operation === undefined) throw new Error(`${path} is not described`);
    const event = { specversion: '1.0', id: 'e', source: PUBLISHER, type: 'org.conflictledger.report.v1' };
    const bodies: [string, string][] = [
      ['application/cloudevents+json', JSON.stringify({ ...event, data: reportData() })],
      ['application/cloudevents-batch+json', JSON.stringify([{ ...event, data: reportData() }])],
      ...['', '{', 'null', '[]', '{}', '"\\ud800"', '[{}]', JSON.stringify({ ...event, data: null })].flatMap(
        (body): [string, string][] =>
          ['application/cloudevents+json', 'application/cloudevents-batch+json', 'application/json', 'text/plain'].map(
            (type) => [type, body],
          ),
      ),
    ];
    const seen = new Set<number>();
    for (const [type, body] of bodies) {
      const answer = await fetch(`${system.app('intake-api').url}${path}?source=${encodeURIComponent(PUBLISHER)}`, {
        method: 'POST',
        headers: { 'content-type': type, 'idempotency-key': 'k' },
        body,
      });
      expect({ type, body, wrong: wrongWith(operation, answer, await answer.text()) }).toEqual({
        type,
        body,
        wrong: null,
      });
      seen.add(answer.status);
    }
    expect([...seen].toSorted((a, b) => a - b)).toEqual([202, 400, 415, 422]);
  });

  interface Asked {
    path: string;
    operation: Operation;
    url: string;
  }
  type Answered = { path: string; url: string; status: number; wrong: string | null };

  async function askAll(api: AppName, requests: readonly Asked[]): Promise<Answered[]> {
    const left = [...requests];
    const answers: Answered[] = [];
    const asker = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const { path, operation, url } = next;
        const answer = await fetch(system.app(api).url + url);
        const wrong = wrongWith(operation, answer, await bodyOf(answer));
        answers.push({ path, url: url.slice(0, 200), status: answer.status, wrong });
      }
    };
    await Promise.all(Array.from({ length: 6 }, asker));
    expect(answers).toHaveLength(requests.length);
    return answers;
  }
});

/** An answer of server-sent events has no end: its head is all that is looked at. */
async function bodyOf(answer: Response): Promise<string> {
  if (answer.headers.get('content-type')?.startsWith('text/event-stream') !== true) return answer.text();
  await answer.body?.cancel();
  return '';
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
const compiled = new WeakMap<object, ValidateFunction>();

/** How an answer differs from its description; null when it does not. */
function wrongWith(operation: Operation, answer: Response, body: string): string | null {
  if (answer.status >= 500) return `${answer.status}: ${body.slice(0, 300)}`;
  const described = operation.responses[answer.status];
  if (described === undefined) return `${answer.status} is not described: ${body.slice(0, 300)}`;
  const type = answer.headers.get('content-type')?.split(';', 1)[0] ?? '';
  const content = described.content?.[type];
  if (content === undefined) return `${answer.status} is not described as ${type}`;
  if (!/[/+]json$/.test(type)) return null;
  const schema = content.schema ?? {};
  const check = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, check);
  return check(JSON.parse(body)) ? null : `${answer.status}: ${ajv.errorsText(check.errors)} in ${body.slice(0, 300)}`;
}
