import { believeProducersTimes, consume, produce, type RawMessage, REPORTS_TOPIC } from '../support/kafka.js';
import { eventsOf, recordedReports, rejectionCodes, untilIngested } from '../support/ingest-facts.js';
import { cloudEvent, decision, report, reportData } from '../support/ingest-messages.js';
import { startSystem, type TestSystem } from '../support/system.js';

const TYPE = 'org.conflictledger.report.v1';
const JSON_EVENT = { 'content-type': 'application/cloudevents+json' };

const raw = (value: string | Buffer | null, headers: Record<string, string> = JSON_EVENT): RawMessage => ({
  key: 'hostile',
  value,
  headers,
});
/** A report whose text holds the given raw piece instead of its summary. */
const withSummary = (piece: string): RawMessage =>
  raw(String(report({ data: { summary: 'HERE' } }).value).replace('"HERE"', piece));
const badData = (data: Record<string, unknown>): RawMessage => report({ data });

/** 290 characters of three bytes. */
const LONG = '文'.repeat(290);

/** The longest that the contract allows, of characters of four bytes that do not compress. */
const longest = (length: number): string =>
  String.fromCodePoint(...Array.from({ length }, (_, i) => 0x20000 + ((i * 7919) % 40_000)));
const LONGEST = { source: `https://desk.example/${longest(512 - 21)}`, id: longest(256) };

const HOSTILE: [name: string, code: string, message: RawMessage][] = [
  ['not JSON', 'NOT_JSON', raw('bomb in Mosul')],
  ['truncated JSON', 'NOT_JSON', raw('{"specversion":"1.0"')],
  ['bad UTF-8', 'INVALID_UTF8', raw(Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xc3, 0x28), Buffer.from('"}')]))],
  ['2 MB', 'MESSAGE_TOO_LARGE', withSummary(JSON.stringify('x'.repeat(2 * 1024 * 1024)))],
  ['wrong type', 'WRONG_TYPE', badData({ classification: 'IED' })],
  ['deep nesting', 'NESTING_TOO_DEEP', raw(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)],
  ['NUL', 'NUL_CHARACTER', withSummary('"a\\u0000b"')],
  ['lone surrogate', 'LONE_SURROGATE', withSummary('"a\\ud800b"')],
  ['duplicate key', 'DUPLICATE_MEMBER', withSummary('"x","summary":"y"')],
  ['1e400', 'NUMBER_NOT_FINITE', withSummary('1e400')],
  [
    'negative count',
    'OUT_OF_RANGE',
    badData({ casualties: [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo: -1, hi: 3 } }] }),
  ],
  ['year 0001', 'INVALID_DATE', badData({ occurred: { start: '0001-01-01', end: '0001-01-01', precision: 'DAY' } })],
  ['unknown member', 'UNKNOWN_FIELD', badData({ victimName: 'a name' })],
  ['unknown type', 'TYPE_UNKNOWN', cloudEvent('org.example.unknown', {})],
  ['a trend of nothing', 'REQUIRED', cloudEvent('org.conflictledger.trend.v1', {})],
  ['a decision among reports', 'TYPE_NOT_ALLOWED_ON_TOPIC', cloudEvent('org.conflictledger.decision.v1', {})],
  [
    'a source that is not ours',
    'SOURCE_NOT_ALLOWED',
    cloudEvent(TYPE, reportData(), { source: 'https://elsewhere.example' }),
  ],
  [
    'an incident that does not exist',
    'INCIDENT_UNKNOWN',
    badData({ incident: { id: '0190c6b2-0000-7000-8000-000000000000' } }),
  ],
  [
    'a leaf too large',
    'LEAF_TOO_LARGE',
    badData({ actors: Array.from({ length: 40 }, () => ({ name: LONG, by: { name: LONG, kind: 'NGO' } })) }),
  ],
  ['empty', 'EMPTY_MESSAGE', raw('')],
  ['tombstone', 'TOMBSTONE', raw(null)],
  ['an absurd timestamp', 'NOT_JSON', { ...raw('bomb at the end of time'), timestamp: '9223372036854775807' }],
  ['the longest identity', 'UNKNOWN_FIELD', cloudEvent(TYPE, reportData({ data: { victimName: 'a name' } }), LONGEST)],
  [
    'a name in place of a member',
    'DUPLICATE_MEMBER',
    raw('{"specversion":"1.0","data":{"confidential":{"Ahmed Witness Secret":{"a":1,"a":2}}}}'),
  ],
  ['a member name of a thousand characters', 'UNKNOWN_FIELD', badData({ [`${'x'.repeat(1022)}\u{1f600}`]: 1 })],
  ['no CloudEvent', 'NOT_A_CLOUDEVENT', raw('{}', {})],
];

/** What senders wrote in their messages, and nobody else is to read. */
const SECRETS = ['bomb in Mosul', 'victimName', 'a name', 'elsewhere', 'Ahmed', 'xxxx'];

describe('a message that cannot be recorded never blocks the ones behind it', () => {
  let system: TestSystem;
  const ingested = (): Promise<void> =>
    untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');

  beforeAll(async () => {
    const sources = 'conflict.reports.v1=https://desk.example;conflict.decisions.v1=https://stewards.example';
    system = await startSystem({ apps: ['ingest'], env: { LEDGER_TOPIC_SOURCES: sources } });
    await believeProducersTimes(REPORTS_TOPIC, system.brokers);
  }, 90_000);
  afterAll(() => system.stop(), 60_000);

  it('hostile messages are rejected, each for its reason, and the good ones between them are recorded', async () => {
    const good = HOSTILE.map((_, i) => report({ id: `good-${i}`, reportId: `good-${i}` }));
    for (const [index, [, , message]] of HOSTILE.entries()) {
      await produce([{ ...message, partition: 0 }], system.brokers);
      await produce([{ ...(good[index] as RawMessage), partition: 0 }], system.brokers);
    }
    await ingested();
    const codes = (await rejectionCodes(system.pool)).map(({ code }) => code);
    const named = HOSTILE.map(([name], index) => `${name}: ${codes[index] ?? 'recorded'}`);
    expect(named).toEqual(HOSTILE.map(([name, code]) => `${name}: ${code}`));
    expect(await recordedReports(system.pool)).toEqual(good.map((_, i) => `good-${i}`).toSorted());
  }, 120_000);

  it('their bytes are kept encrypted, and nothing of them is in a leaf but ids and codes', async () => {
    const { rows } = await system.pool.query<{ box: Buffer; bytes: number }>(
      'SELECT box, message_bytes AS bytes FROM ledger.rejection JOIN ledger.event USING (event_id) ORDER BY position',
    );
    expect(rows[0]?.box.includes(Buffer.from('bomb'))).toBe(false);
    expect(rows.map(({ box, bytes }) => box.length > bytes)).not.toContain(false);
    const leaves = (await eventsOf(system.pool)).filter(({ type }) => type === 'ReportRejected');
    expect(leaves).toHaveLength(HOSTILE.length);
    const text = JSON.stringify(leaves);
    for (const secret of SECRETS) expect(text).not.toContain(secret);
    const { rows: told } = await system.pool.query<{ problems: unknown }>('SELECT problems FROM ledger.rejection');
    for (const secret of SECRETS) expect(JSON.stringify(told)).not.toContain(secret);
  }, 60_000);

  it('their publishers are told, without the body', async () => {
    const notices = await consume('conflict.reports.v1.rejected', HOSTILE.length, { brokers: system.brokers });
    const told = notices.map(({ value }) => JSON.parse(String(value)) as { code: string; problems: unknown });
    expect(told.map(({ code }) => code)).toEqual(HOSTILE.map(([, code]) => code));
    const [first] = notices;
    expect(first?.headers).toMatchObject({
      'kafka_dlt-original-topic': 'conflict.reports.v1',
      'ledger-rejection-code': 'NOT_JSON',
    });
    expect(Object.keys(first?.headers ?? {})).toEqual(
      expect.arrayContaining([
        'kafka_dlt-original-partition',
        'kafka_dlt-original-offset',
        'kafka_dlt-original-timestamp',
      ]),
    );
    for (const secret of SECRETS) expect(JSON.stringify(told.map(({ problems }) => problems))).not.toContain(secret);
    expect(JSON.stringify(told)).not.toContain('bomb');
  }, 60_000);

  it('a message that makes the database fail for an unknown reason is found among 200 and rejected alone', async () => {
    const before = await recordedReports(system.pool);
    await system.pool.query(`
      CREATE FUNCTION public.fail_on_pill() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF NEW.report_id = 'pill' THEN RAISE EXCEPTION 'nobody foresaw this'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER fail_on_pill BEFORE INSERT ON ledger.event FOR EACH ROW EXECUTE FUNCTION public.fail_on_pill()`);
    const ids = Array.from({ length: 200 }, (_, i) => (i === 77 ? 'pill' : `beside-${i}`));
    await produce(
      ids.map((id) => ({ ...report({ id, reportId: id, ref: 'one incident' }), partition: 0 })),
      system.brokers,
    );
    await ingested();
    const beside = ids.filter((id) => id !== 'pill');
    expect(await recordedReports(system.pool)).toEqual([...before, ...beside].toSorted());
    const order = (await eventsOf(system.pool))
      .map(({ reportId }) => reportId)
      .filter((id) => id?.startsWith('beside'));
    expect(order).toEqual(beside);
    const [pill] = (await rejectionCodes(system.pool)).filter(({ ceId }) => ceId === 'pill');
    expect(pill?.code).toBe('UNPROCESSABLE');
  }, 60_000);

  it('a rejection that cannot be stored as it is loses what the message says of itself, not its bytes', async () => {
    await system.pool.query(`
      CREATE FUNCTION public.fail_on_stubborn() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF NEW.ce_id = 'stubborn' THEN RAISE EXCEPTION 'nobody foresaw this either'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER fail_on_stubborn BEFORE INSERT ON ledger.rejection
        FOR EACH ROW EXECUTE FUNCTION public.fail_on_stubborn()`);
    const stubborn = report({ id: 'stubborn', reportId: 'stubborn', data: { nonsense: 1 } });
    await produce([{ ...stubborn, partition: 1 }], system.brokers);
    await produce([{ ...report({ id: 'behind', reportId: 'behind' }), partition: 1 }], system.brokers);
    await ingested();
    expect(await recordedReports(system.pool)).toContain('behind');
    const { rows } = await system.pool.query(
      `SELECT r.code, r.stage, r.ce_source, r.ce_id, r.ce_type, r.identity, r.source_timestamp, r.problems, r.message_bytes
         FROM ledger.rejection r JOIN ledger.event e USING (event_id) ORDER BY e.position DESC LIMIT 1`,
    );
    const unknown = { ce_source: null, ce_id: null, ce_type: null, identity: null, source_timestamp: null };
    const bytes = Buffer.byteLength(String(stubborn.value));
    expect(rows).toEqual([{ code: 'UNPROCESSABLE', stage: 'RECORD', ...unknown, problems: [], message_bytes: bytes }]);
  }, 60_000);

  it('a bad decision is rejected like a bad report', async () => {
    await produce([decision({ kind: 'MERGE', survivor: 'a', absorbed: ['b'] }, 'merge')], system.brokers);
    await produce(
      [decision({ kind: 'REQUEUE', rejection: '0190c6b2-0000-7000-8000-000000000001' }, 'nothing')],
      system.brokers,
    );
    await ingested();
    const codes = (await rejectionCodes(system.pool)).filter(({ ceId }) => ceId === 'merge' || ceId === 'nothing');
    expect(codes.map(({ code }) => code)).toEqual(['INVALID_UUID', 'DECISION_TARGET_UNKNOWN']);
  }, 60_000);
});
