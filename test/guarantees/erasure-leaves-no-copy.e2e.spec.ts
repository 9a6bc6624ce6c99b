import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { incidentIdOf, streamIdOf } from '#app/log';
import { repositoryRoot } from '#app/runtime';
import { formsIn, formsOf, searchFolder } from '../support/byte-search.js';
import { type Dedicated, startDedicatedKafka, startDedicatedPostgres } from '../support/dedicated.js';
import { eventually } from '../support/eventually.js';
import { eventsOf, rejectionCodes, untilIngested } from '../support/ingest-facts.js';
import { cloudEvent, decision, PUBLISHER, report } from '../support/ingest-messages.js';
import { produce, type RawMessage, REPORTS_TOPIC, setTopicConfig } from '../support/kafka.js';
import { ledger } from '../support/ledger-cli.js';
import { aggregateNaming, CONTROL, NAME, reportNaming } from '../support/name-story.js';
import type { AppName } from '../support/processes.js';
import { readAll, type Answer, readRoutes } from '../support/read-routes.js';
import { startSystem, type TestSystem } from '../support/system.js';

const APPS: readonly AppName[] = ['ingest', 'projector', 'notary', 'relay', 'query-api', 'audit-api', 'intake-api'];
/**
 * PostgreSQL tells all it can: every statement with every parameter. What is not even there was never told to it. Old WAL is
 * removed and not used again, as docs/erasure.md has it.
 */
const TALKATIVE = {
  wal_recycle: 'off',
  log_statement: 'all',
  log_min_duration_statement: '0',
  log_parameter_max_length: '-1',
  log_parameter_max_length_on_error: '-1',
  log_error_verbosity: 'verbose',
};
/** So that the test need not wait for days: what the broker does within minutes it does at once. */
const IMPATIENT = [
  'log.retention.check.interval.ms=300',
  'log.initial.task.delay.ms=300',
  'log.segment.delete.delay.ms=100',
];

const FORMS = formsOf(NAME);
const CONTROL_FORMS = formsOf(CONTROL);
const SEALED_BY = { authority: 'court order 7', reason: 'asked for' };

const idOf = (ref: string): string => incidentIdOf(PUBLISHER, ref);

describe('an erasure reaches every copy that we made', () => {
  let postgres: Dedicated;
  let kafka: Dedicated;
  let system: TestSystem;
  let leaves: string;
  let figures: string;
  let head: number;
  let erasedKeys: ReadonlyMap<string, Buffer>;

  beforeAll(async () => {
    [postgres, kafka] = await Promise.all([startDedicatedPostgres(TALKATIVE), startDedicatedKafka(IMPATIENT)]);
    const servers = { adminUrl: postgres.address, brokers: kafka.address };
    system = await startSystem({ apps: APPS, ...servers, env: { LOG_LEVEL: 'trace' } });
  }, 120_000);
  afterAll(async () => {
    await system?.stop();
    await Promise.all([postgres?.stop(), kafka?.stop()]);
  }, 60_000);

  async function send(...messages: RawMessage[]): Promise<void> {
    for (const message of messages) {
      await produce([message], system.brokers);
      await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
    }
  }

  const vkey = async (): Promise<string> => {
    const answer = await fetch(`${system.app('audit-api').url}/log/key`);
    return (await answer.text()).trim();
  };
  const rejectionOf = async (ceId: string): Promise<string> =>
    (await rejectionCodes(system.pool)).find((one) => one.ceId === ceId)?.rejection ?? 'none';
  const eventOf = async (type: string): Promise<string> =>
    (await eventsOf(system.pool)).findLast((event) => event.type === type)?.leaf.id ?? 'none';
  const erase = (what: Record<string, unknown>, reason = SEALED_BY.reason): Promise<void> =>
    send(decision({ kind: 'ERASE', paths: [''], ...SEALED_BY, reason, ...what }));

  async function leavesUpTo(position: number): Promise<string> {
    const { rows } = await system.pool.query<{ leaf: string }>(
      'SELECT leaf FROM ledger.event WHERE position <= $1 ORDER BY position',
      [position],
    );
    expect(rows).toHaveLength(position + 1);
    return createHash('sha256')
      .update(rows.map(({ leaf }) => leaf).join('\n'))
      .digest('hex');
  }

  async function figuresAt(position: number): Promise<string> {
    const { url } = system.app('query-api');
    return (await fetch(`${url}/v1/casualties?region=IQ&groupBy=incidentType,month&asOf=${position}`)).text();
  }

  async function keys(): Promise<Map<string, Buffer>> {
    const { rows } = await system.pool.query<{ key_id: string; wrapped: Buffer }>(
      'SELECT key_id, wrapped FROM vault.key',
    );
    return new Map(rows.map(({ key_id: id, wrapped }) => [id, wrapped]));
  }

  async function headNow(): Promise<number> {
    const { rows } = await system.pool.query<{ last: number }>(
      'SELECT (next_position - 1)::int AS last FROM ledger.head',
    );
    return rows[0]?.last ?? -1;
  }

  async function untilProjected(): Promise<void> {
    const last = await headNow();
    await eventually('the figures have followed', async () => {
      const answer = await fetch(`${system.app('query-api').url}/v1/casualties?region=IQ&asOf=${last}`);
      await answer.arrayBuffer();
      return answer.ok;
    });
  }

  /** What every documented route of both reading APIs answers, and what incidents look like in other formats. */
  async function everyAnswer(): Promise<Answer[]> {
    const last = await headNow();
    const positions = Array.from({ length: last + 1 }, (_, position) => String(position));
    const refs = ['whole', 'one-report', 'partly', 'conflict', 'by-http'].map(idOf);
    const rejections = (await rejectionCodes(system.pool)).map(({ rejection }) => rejection);
    const common = { position: positions, from: ['2018-11-01'], to: ['2018-11-30'], region: ['IQ'] };
    const query = await readRoutes(system.app('query-api'), {
      ...common,
      id: refs,
      asOfFrom: ['3'],
      asOfTo: [String(last)],
      series: ['a-series'],
      period: ['2018-11'],
      publisher: [PUBLISHER],
      code: ['IQ'],
    });
    const audit = await readRoutes(system.app('audit-api'), {
      ...common,
      from: ['0'],
      to: [String(last)],
      id: [...refs, ...rejections],
      topic: [REPORTS_TOPIC],
      partition: ['0', '1', '2', '3'],
      offset: ['0', '1', '2'],
    });
    const more = ['format=csv', 'format=ndjson', 'format=geojson', 'publishedUntil=2019-01-01'];
    const shown = refs.flatMap((id) => more.map((asked) => `/v1/incidents/${id}?${asked}`));
    const others = [...shown, '/v1/explain?region=IQ&measure=KILLED', '/v1/changes?from=0', '/v1/casualties?region=IQ'];
    return readAll([
      ...query,
      ...others.map((route) => `${system.app('query-api').url}${route}`),
      ...audit,
      `${system.app('audit-api').url}/v1/events?from=0&limit=1000&format=ndjson`,
    ]);
  }

  const withName = (answers: readonly Answer[]): string[] =>
    answers
      .filter(({ url, body }) => formsIn(body, FORMS).length > 0 && !url.includes('/openapi'))
      .map(({ url }) => new URL(url).pathname);

  it('a name is recorded, refused and decided about in every way there is', async () => {
    await send(
      reportNaming({ id: 'whole', reportId: 'whole', ref: 'whole' }),
      reportNaming({ id: 'one-report', reportId: 'one-report', ref: 'one-report' }),
      report({
        id: 'partly',
        reportId: 'partly',
        ref: 'partly',
        data: { summary: `${NAME} again`, tags: ['kept'], confidential: { notes: 'kept' } },
      }),
      // Refused: as another message under a known id, for a member named like her, and as no JSON at all.
      reportNaming({ id: 'whole', reportId: 'conflict', ref: 'conflict' }),
      reportNaming({ id: 'unknown-member', reportId: 'unknown-member', data: { [NAME]: NAME } }),
      { ...cloudEvent('x', {}), value: `{"id":"broken","source":"${PUBLISHER}","data":{"summary":"${NAME}` },
      cloudEvent('org.conflictledger.aggregate.v1', aggregateNaming(), { id: 'aggregate' }),
    );
    const answer = await fetch(`${system.app('intake-api').url}/v1/reports?source=${PUBLISHER}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'http-refused' },
      body: JSON.stringify({ ...dataOf(reportNaming({ reportId: 'by-http', ref: 'by-http' })), killed: NAME }),
    });
    expect({ status: answer.status, forms: formsIn(await answer.text(), FORMS) }).toEqual({ status: 422, forms: [] });
    await send(reportNaming({ id: 'by-http', reportId: 'by-http', ref: 'by-http' }));
    const incident = { source: PUBLISHER, ref: 'whole' };
    await send(
      decision({ kind: 'VERIFY', incident, grade: 'CONFIRMED', grounds: NAME, reason: NAME }),
      decision({ kind: 'SEAL_SNAPSHOT', name: 'before', reason: NAME }),
      decision({ kind: 'RETRACT', incident: { source: PUBLISHER, ref: 'nobody' }, reason: NAME }, 'refused-decision'),
      decision({ kind: 'DISCARD', rejection: await rejectionOf('unknown-member'), reason: NAME }),
    );
    expect((await rejectionCodes(system.pool)).map(({ code }) => code)).toEqual([
      'IDENTITY_CONFLICT',
      'UNKNOWN_FIELD',
      expect.stringMatching(/JSON|UTF/),
      'DECISION_TARGET_UNKNOWN',
    ]);
    await untilProjected();
  }, 120_000);

  it('before the erasure it is shown where it may be, and found in Kafka and in no file, log or metric of ours', async () => {
    const answers = await everyAnswer();
    expect(answers.length).toBeGreaterThan(40);
    expect([...new Set(withName(answers))].toSorted()).toEqual(
      ['whole', 'one-report', 'partly', 'by-http']
        .map((ref) => `/v1/incidents/${idOf(ref)}`)
        .concat('/v1/aggregates', '/v1/reconciliation')
        .toSorted(),
    );
    await system.pool.query('CHECKPOINT');
    expect(searchFolder(postgres.folder, FORMS)).toEqual([]);
    expect(searchFolder(postgres.folder, CONTROL_FORMS)).not.toEqual([]);
    expect(searchFolder(kafka.folder, FORMS)).not.toEqual([]);
    const tiles = system.env['LEDGER_TILES_DIR'] ?? '';
    await eventually('the leaves are published', () => searchFolder(tiles, CONTROL_FORMS).length > 0);
    expect(searchFolder(tiles, FORMS)).toEqual([]);
    await expectSilent();
    head = await headNow();
    leaves = await leavesUpTo(head);
    figures = await figuresAt(head);
  }, 120_000);

  /** Logs and metrics of every app; the logs say something of every message all the same. */
  async function expectSilent(): Promise<void> {
    for (const name of APPS) {
      const app = system.app(name);
      const metrics = await (await fetch(`${app.url}/metrics`)).text();
      expect({ name, found: formsIn(app.logs() + metrics, FORMS) }).toEqual({ name, found: [] });
      expect(app.logs()).toContain(`"app":"${name}"`);
    }
    expect(system.app('ingest').logs()).toContain('unknown-member');
  }

  it('erased by incident, report, rejection and event, it is shown nowhere, and what was not meant is still there', async () => {
    const before = await keys();
    // A sample of a column outlives its rows.
    await system.pool.query('ANALYZE vault.key');
    await erase({ incident: { source: PUBLISHER, ref: 'whole' } }, NAME);
    await erase({ reportId: 'one-report', source: PUBLISHER });
    await erase({ reportId: 'by-http' });
    await erase({ incident: { source: PUBLISHER, ref: 'partly' }, paths: ['/summary'] });
    await erase({ incident: { id: streamIdOf(PUBLISHER, 'aggregate', 'a-series') } });
    for (const { rejection, code } of await rejectionCodes(system.pool)) {
      // Its bytes went with the report of the same id.
      if (code !== 'IDENTITY_CONFLICT') await send(decision({ kind: 'ERASE', rejection, ...SEALED_BY }));
    }
    for (const type of ['SnapshotSealed', 'RejectionDiscarded']) await erase({ event: await eventOf(type) });
    const [first] = (await eventsOf(system.pool)).filter(({ type }) => type === 'PersonalDataErased');
    await erase({ event: first?.leaf.id, paths: ['/reason'] });
    expect(await rejectionCodes(system.pool)).toHaveLength(4);
    await untilProjected();

    const answers = await everyAnswer();
    expect(withName(answers)).toEqual([]);
    await expectSilent();
    const { url } = system.app('query-api');
    const detailOf = async (ref: string): Promise<Detail> =>
      (await (await fetch(`${url}/v1/incidents/${idOf(ref)}`)).json()) as Detail;
    expect((await detailOf('partly')).sources).toMatchObject([
      { opened: { summary: null, tags: ['kept'] }, erased: ['/summary'], withheld: 1 },
    ]);
    const whole = await detailOf('whole');
    expect(whole.sources).toMatchObject([{ opened: { summary: null, tags: [], url: null }, withheld: 0 }]);
    expect(whole.sources[0]?.erased).toContain('/confidential/victims/0');
    expect(whole.decisions).toMatchObject([{ reason: null, grounds: null, erased: ['/grounds', '/reason'] }]);
    const left = await keys();
    erasedKeys = new Map([...before].filter(([id]) => !left.has(id)));
    expect(erasedKeys.size).toBeGreaterThan(8);
  }, 120_000);

  it('the history tells that it was erased, by whom and why, and the tree and the figures are as before', async () => {
    expect(await leavesUpTo(head)).toBe(leaves);
    expect(await figuresAt(head)).toBe(figures);
    const history = await fetch(`${system.app('audit-api').url}/v1/incidents/${idOf('whole')}/history`);
    expect(await history.text()).toContain('committed values were erased by authority of court order 7');
    const replayed = await ledger(['replay', '--up-to', String(await headNow())], {
      ...system.env,
      LEDGER_AUDIT_URL: system.app('audit-api').url,
    });
    expect(replayed).toMatchObject({ code: 0 });
    const published = ['--log', system.env['LEDGER_TILES_DIR'] ?? '', '--key', await vkey()];
    const verified = await ledger(['--json', 'verify', ...published, '--database', '--sealed'], system.env);
    // Whatever cannot be opened any more is told of by the log, and nothing else is gone.
    expect([verified.code, verified.stdout + verified.stderr]).toEqual([0, expect.stringContaining('"committed"')]);
  }, 60_000);

  it('after the steps of docs/erasure.md its keys are in no file of PostgreSQL either, whoever has the master key', async () => {
    const data = path.join(postgres.folder, 'cluster');
    await system.pool.query('CHECKPOINT');
    const foundBefore = searchFolder(data, erasedKeys).length;
    expect(foundBefore).toBeGreaterThan(0);
    for (const step of documentedSteps()) await system.pool.query(step);
    expect(searchFolder(data, erasedKeys)).toEqual([]);
    expect(searchFolder(data, await keys())).not.toEqual([]);
    expect(searchFolder(postgres.folder, FORMS)).toEqual([]);
  }, 60_000);

  it('after its retention Kafka has forgotten it too', async () => {
    expect(searchFolder(kafka.folder, FORMS)).not.toEqual([]);
    for (const topic of [
      REPORTS_TOPIC,
      'conflict.decisions.v1',
      'conflict.reports.v1.rejected',
      'conflict.events.v1',
    ]) {
      await setTopicConfig(topic, { 'retention.ms': '1', 'file.delete.delay.ms': '100' }, system.brokers);
    }
    await eventually(
      'Kafka has deleted what is older than its retention',
      () => searchFolder(kafka.folder, FORMS).length === 0,
      {
        timeoutMs: 60_000,
        everyMs: 500,
      },
    );
  }, 90_000);
});

interface Detail {
  sources: { opened: Record<string, unknown>; erased: string[]; withheld: number }[];
  decisions: { reason: string | null; grounds: string | null; erased: string[] }[];
}

function dataOf(message: RawMessage): Record<string, unknown> {
  return (JSON.parse(String(message.value)) as { data: Record<string, unknown> }).data;
}

/** The statements that the document has an operator run, one by one. */
function documentedSteps(): string[] {
  const page = readFileSync(path.join(repositoryRoot(), 'docs', 'erasure.md'), 'utf8');
  const [, block = ''] = /```sql\n-- after erasures\n([\s\S]+?)```/u.exec(page) ?? [];
  const steps = block
    .split(';')
    .map((step) => step.trim())
    .filter((step) => step !== '');
  if (steps.length < 3) throw new Error('docs/erasure.md does not say what to do after erasures');
  return steps;
}
