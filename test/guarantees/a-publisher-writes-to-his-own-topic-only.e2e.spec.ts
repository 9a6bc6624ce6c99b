import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { repositoryRoot } from '#app/runtime';
import { Kafka, logLevel } from 'kafkajs';
import { eventually } from '../support/eventually.js';
import { recordedReports, rejectionCodes } from '../support/ingest-facts.js';
import { PUBLISHER, report, reportData } from '../support/ingest-messages.js';
import { type AclShell, aclShell } from '../support/kafka-acls.js';
import type { RawMessage } from '../support/kafka.js';
import { ledger } from '../support/ledger-cli.js';
import { type AppName, startApp } from '../support/processes.js';
import { type SaslKafka, startSaslKafka } from '../support/sasl-kafka.js';
import { startSystem, type TestSystem } from '../support/system.js';

// Ten starts of Kafka's own tool, a broker and seven apps: on cores that others share it takes its time.
jest.setTimeout(600_000);

const SECURITY = readFileSync(path.join(repositoryRoot(), 'docs', 'security.md'), 'utf8');
/** The lines that the docs tell an operator to run. */
const ACLS = /```sh\n(acls\(\) [\s\S]*?)```/.exec(SECURITY)?.[1] ?? '';
const AUTHORIZER = /```\n(authorizer\.class\.name=[\s\S]*?)```/.exec(SECURITY)?.[1]?.trim().split('\n') ?? [];

const REPORTS = 'conflict.reports.v1';
const OWN = 'conflict.reports.v1.desk';
/** `PUBLISHER` has a topic of his own; everybody else shares one. */
const SOURCES = `${REPORTS}=https://small.example;${OWN}=${PUBLISHER};conflict.decisions.v1=*`;
const APPS: readonly AppName[] = ['ingest', 'projector', 'relay', 'audit-api', 'intake-api'];
const PEOPLE = ['desk', 'steward', 'operator', 'downstream', 'stranger'] as const;
const passwords = Object.fromEntries(['admin', ...APPS, ...PEOPLE].map((name) => [name, `password-of-${name}`]));

interface Seen {
  partitions: { topic: string; lag: number }[];
}

const shell = await aclShell();
/** What Kafka says to whoever lacks a right, as the client wraps it or not. */
const NO_TOPIC = 'Topic authorization failed';
/** Nor does it tell a stranger who coordinates a group. */
const NO_GROUP = /Group authorization failed|GroupCoordinatorNotFound/;
const refusal = (error: unknown): string => /\w+ authorization failed/.exec(String(error))?.[0] ?? String(error);
const described = typeof shell === 'string' ? describe.skip : describe;
if (typeof shell === 'string') process.stderr.write(`skipped: the ACLs of Kafka, because ${shell}\n`);

described('with the ACLs that docs/security.md names, and no other', () => {
  let kafka: SaslKafka;
  let system: TestSystem;
  const as = (name: string): Record<string, string> => ({
    KAFKA_BROKERS: kafka.secured,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: name,
    KAFKA_SASL_PASSWORD: passwords[name] ?? '',
  });
  const client = (name: string): Kafka =>
    new Kafka({
      brokers: [kafka.secured],
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
      sasl: { mechanism: 'scram-sha-512', username: name, password: passwords[name] ?? '' },
    });

  beforeAll(async () => {
    // Whoever is in clear is the test.
    const settings = AUTHORIZER.map((line) => line.replace('User:admin', 'User:admin;User:ANONYMOUS'));
    kafka = await startSaslKafka('SASL_PLAINTEXT', passwords, settings);
    system = await startSystem({
      apps: [],
      brokers: kafka.plain,
      env: { LEDGER_TOPIC_SOURCES: SOURCES, LEDGER_CONSUMER_GROUP: 'conflict-ledger-ingest' },
    });
    const { makeTopics } = await import('../../infra/local/topics.js');
    expect(await makeTopics({ LEDGER_TOPIC_SOURCES: SOURCES, ...as('admin') })).toEqual([OWN]);
    const login = `required username="admin" password="${passwords['admin']}";`;
    const properties = [
      'security.protocol=SASL_PLAINTEXT',
      'sasl.mechanism=SCRAM-SHA-512',
      `sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule ${login}`,
    ];
    (shell as AclShell)(ACLS, { 'admin.properties': properties.join('\n') }, { KAFKA_BROKERS: kafka.secured });
    const started = [];
    for (const name of APPS) started.push(await system.start(name, as(name)));
    started.push(await system.start('query-api'), await system.start('notary'));
    await Promise.all(started.map((app) => app.waitReady(120_000)));
  });
  afterAll(async () => {
    await system?.stop();
    await kafka?.stop();
  }, 60_000);

  async function send(name: string, message: RawMessage, topic: string): Promise<string> {
    const producer = client(name).producer({ allowAutoTopicCreation: false });
    try {
      await producer.connect();
      const { key = null, value, headers = {} } = message;
      await producer.send({ topic, messages: [{ key, value, headers }] });
      return 'sent';
    } catch (error) {
      return refusal(error);
    } finally {
      await producer.disconnect();
    }
  }

  async function read(name: string, topic: string, groupId: string): Promise<string> {
    const consumer = client(name).consumer({ groupId, retry: { retries: 0 } });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      return await new Promise<string>((resolve) => {
        consumer.on('consumer.crash', ({ payload: { error } }) => resolve(refusal(error)));
        void consumer
          .run({ autoCommit: false, eachMessage: async ({ message }) => resolve(String(message.headers?.['ce_type'])) })
          .catch((error: unknown) => resolve(refusal(error)));
      });
    } catch (error) {
      return refusal(error);
    } finally {
      await consumer.disconnect();
    }
  }

  it('what a publisher sends to his own topic and others by HTTP is recorded, shown and handed on', async () => {
    expect(await send('desk', report({ reportId: 'by-kafka' }), OWN)).toBe('sent');
    const sent = await fetch(`${system.app('intake-api').url}/v1/reports?source=https://small.example`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'by-http' },
      body: JSON.stringify(reportData({ reportId: 'by-http' })),
    });
    expect(sent.status).toBe(202);
    await eventually('both are recorded', async () => (await recordedReports(system.pool)).length === 2 || null);
    expect(await recordedReports(system.pool)).toEqual(['by-http', 'by-kafka']);
    await eventually('both are in the figures', async () => {
      const answer = await fetch(`${system.app('query-api').url}/v1/incidents`);
      return ((await answer.json()) as { total?: number }).total === 2 ? true : null;
    });
    expect(await read('downstream', 'conflict.events.v1', 'downstream')).toMatch(/^org\.conflictledger\./);
  });

  it.each([REPORTS, 'conflict.decisions.v1', 'conflict.events.v1', `${REPORTS}.rejected`])(
    'he may not write to %s, nor anybody without a right',
    async (topic) => {
      for (const name of ['desk', 'stranger']) {
        expect([name, await send(name, report(), topic)]).toEqual([name, NO_TOPIC]);
      }
    },
  );

  it('nobody else may write to his topic, and nobody reads what is not his', async () => {
    for (const name of ['stranger', 'steward', 'intake-api', 'ingest', 'relay', 'downstream']) {
      expect([name, await send(name, report(), OWN)]).toEqual([name, NO_TOPIC]);
    }
    expect(await read('desk', OWN, 'desk')).toMatch(NO_GROUP);
    expect(await read('downstream', REPORTS, 'downstream')).toBe(NO_TOPIC);
    expect(await read('downstream', 'conflict.events.v1', 'conflict-ledger-ingest')).toMatch(NO_GROUP);
  });

  it('what he sends under the source of another, and another under his, is refused with a reason', async () => {
    const forged = report({ id: 'forged' });
    const value = String(forged.value).replace(`"source":"${PUBLISHER}"`, '"source":"https://small.example"');
    expect(await send('desk', { ...forged, value }, OWN)).toBe('sent');
    const byHttp = await fetch(`${system.app('intake-api').url}/v1/reports?source=${PUBLISHER}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'as-the-desk' },
      body: JSON.stringify(reportData()),
    });
    expect([byHttp.status, ((await byHttp.json()) as { code: string }).code]).toEqual([403, 'SOURCE_NOT_ALLOWED']);
    await eventually('it is refused', async () => (await rejectionCodes(system.pool)).length > 0 || null);
    expect(await rejectionCodes(system.pool)).toEqual([expect.objectContaining({ code: 'SOURCE_NOT_ALLOWED' })]);
    expect(await recordedReports(system.pool)).toHaveLength(2);
  });

  it('a steward decides by Kafka and by the audit API, and the projector sends digests', async () => {
    const sealing = ['snapshot', 'seal', 'october', '--reason', 'monthly', '--by', 'A. Steward'];
    const { code, stderr } = await ledger(sealing, { ...system.env, ...as('steward') });
    expect([code, stderr]).toEqual([0, '']);
    const [refused] = await rejectionCodes(system.pool);
    const answer = await fetch(`${system.app('audit-api').url}/v1/rejections/${refused?.rejection}/discard`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'A. Steward', reason: 'forged' }),
    });
    expect(answer.status).toBe(202);
    const counts = async (): Promise<Record<string, number>> => {
      const { rows } = await system.pool.query<{ type: string; events: number }>(
        'SELECT type, count(*)::int AS events FROM ledger.event GROUP BY type',
      );
      return Object.fromEntries(rows.map(({ type, events }) => [type, events]));
    };
    await eventually(
      'all is recorded',
      async () => {
        const events = await counts();
        return (events['SnapshotSealed'] === 2 && events['RejectionDiscarded'] === 1) || null;
      },
      { timeoutMs: 60_000 },
    );
  });

  it('the operator sees with his own rights that all is well, publishers’ own topics too', async () => {
    const urls = Object.fromEntries(
      [...APPS, 'query-api' as const, 'notary' as const].map((name) => [
        `LEDGER_${name.replace('-api', '').toUpperCase()}_URL`,
        system.app(name).url,
      ]),
    );
    const { stdout } = await eventually(
      'all is worked off',
      async () => {
        const seen = await ledger(['--json', 'status'], { ...system.env, ...urls, ...as('operator') });
        return seen.code === 0 ? seen : null;
      },
      { timeoutMs: 60_000 },
    );
    const {
      kafka: { status: seen },
    } = JSON.parse(stdout) as { kafka: { status: Seen } };
    expect(new Set(seen.partitions.map(({ topic }) => topic))).toEqual(
      new Set([REPORTS, 'conflict.decisions.v1', OWN]),
    );
    expect(seen.partitions.every(({ lag }) => lag === 0)).toBe(true);
  });

  it('an ingest and an intake-api without a right say so', async () => {
    for (const name of ['ingest', 'intake-api'] as const) {
      const app = await startApp(name, { ...system.env, ...as('stranger'), LEDGER_CONSUMER_GROUP: 'strangers' });
      const told = await eventually(
        `${name} says what it lacks`,
        async () => {
          const answer = await fetch(`${app.url}/health/ready`).catch(() => null);
          const { checks = {} } = ((await answer?.json()) ?? {}) as { checks?: Record<string, { code?: string }> };
          return checks['kafka']?.code === 'KAFKA_REFUSES' ? answer?.status : null;
        },
        { timeoutMs: 60_000, everyMs: 300 },
      );
      expect(told).toBe(503);
      await app.stop();
    }
  });
});
