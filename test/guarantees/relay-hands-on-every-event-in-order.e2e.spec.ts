import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot } from '#app/runtime';
import { type Dedicated, startDedicatedKafka } from '../support/dedicated.js';
import { eventually } from '../support/eventually.js';
import { untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { consume, endOffsets, produce } from '../support/kafka.js';
import { startSystem, type TestSystem } from '../support/system.js';

const TOPIC = 'conflict.events.v1';

interface Received {
  key: string;
  value: string;
  headers: Record<string, string>;
}

describe('the relay hands on every recorded event, at least once and in order per stream', () => {
  let kafka: Dedicated;
  let system: TestSystem;
  let told = 0;
  beforeAll(async () => {
    kafka = await startDedicatedKafka();
    system = await startSystem({ apps: ['ingest'], brokers: kafka.address });
  }, 120_000);
  afterAll(async () => {
    await system?.stop();
    await kafka?.stop();
  }, 60_000);

  /** So many reports on a few incidents, recorded. */
  async function record(count: number): Promise<void> {
    const messages = Array.from({ length: count }, () => {
      told += 1;
      return report({ id: `m-${told}`, reportId: `r-${told}`, ref: `incident-${told % 7}` });
    });
    await produce(messages, system.brokers);
    await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
  }

  async function head(): Promise<number> {
    const { rows } = await system.pool.query<{ last: number }>(
      'SELECT (next_position - 1)::int AS last FROM ledger.head',
    );
    return rows[0]?.last ?? -1;
  }

  async function checkpoint(): Promise<number> {
    const { rows } = await system.pool.query<{ position: number }>('SELECT position::int FROM relay.checkpoint');
    return rows[0]?.position ?? -1;
  }

  /** How many there still were. */
  async function endConnections(application: string): Promise<number> {
    const { rowCount } = await system.pool.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()',
      [application],
    );
    return rowCount ?? 0;
  }

  const untilRelayed = (): Promise<boolean> =>
    eventually('the checkpoint is at the head', async () => (await checkpoint()) === (await head()), {
      timeoutMs: 60_000,
    });

  async function received(): Promise<Received[]> {
    const count = (await endOffsets(TOPIC, system.brokers)).reduce((sum, end) => sum + end, 0);
    const messages = await consume(TOPIC, count, { brokers: system.brokers });
    return messages.map(({ key, value, headers }) => ({ key: String(key), value: String(value), headers }));
  }

  /** The whole guarantee, by what is in the log and what a consumer received. */
  async function expectWhole(): Promise<Received[]> {
    const messages = await received();
    const { rows } = await system.pool.query<{ position: number; leaf: string; stream: string; id: string }>(
      'SELECT position::int, leaf, stream_id AS stream, event_id AS id FROM ledger.event ORDER BY position',
    );
    const firsts = new Map<number, Received>();
    const lastOfKey = new Map<string, number>();
    for (const message of messages) {
      const position = Number(message.headers['ce_position']);
      if (firsts.has(position)) continue;
      // The first copy of an event never comes before that of an earlier one of its stream.
      expect(position).toBeGreaterThan(lastOfKey.get(message.key) ?? -1);
      lastOfKey.set(message.key, position);
      firsts.set(position, message);
    }
    expect(firsts.size).toBe(rows.length);
    for (const { position, leaf, stream, id } of rows) {
      const message = firsts.get(position);
      expect(message).toMatchObject({ key: stream, value: leaf });
      expect(message?.headers).toMatchObject({ ce_specversion: '1.0', ce_id: id, ce_subject: stream });
    }
    return messages;
  }

  it('once each while nothing goes wrong, from the beginning of the log', async () => {
    await record(60);
    const relay = await system.start('relay');
    await relay.waitReady();
    await untilRelayed();
    const messages = await expectWhole();
    expect(messages).toHaveLength((await head()) + 1);
    expect(messages.find(({ headers }) => headers['ce_position'] === '0')?.headers).toMatchObject({
      ce_type: 'org.conflictledger.event.log-created.v1',
      ce_source: 'https://test.conflict-ledger.org/log',
      'content-type': 'application/json',
    });
    const metrics = await (await fetch(`${relay.url}/metrics`)).text();
    expect(metrics).toMatch(/^ledger_relay_lag_events(\{.*\})? 0$/m);
    expect(metrics).toMatch(/^ledger_relay_leading(\{.*\})? 1$/m);
  }, 120_000);

  it('of two relays one leads and the other waits, says so, and takes over at once when the first is killed', async () => {
    const first = system.app('relay');
    const second = await system.start('relay');
    await second.waitReady();
    await eventually('the second waits', () => second.logs().includes('another relay leads: this one waits'));
    expect(await (await fetch(`${second.url}/health/ready`)).text()).toContain('STANDBY');
    const before = (await head()) + 1;
    await record(40);
    await untilRelayed();
    expect((await endOffsets(TOPIC, system.brokers)).reduce((sum, end) => sum + end, 0)).toBe((await head()) + 1);
    expect((await head()) + 1).toBeGreaterThan(before);
    await first.kill();
    await record(40);
    await untilRelayed();
    await expectWhole();
    expect(second.logs()).toContain('this relay leads');
    expect(await second.stop()).toBe(0);
  }, 120_000);

  it('also when it is killed between what it sent and its checkpoint, again and again', async () => {
    await record(1200);
    const sent = async (): Promise<number> =>
      (await endOffsets(TOPIC, system.brokers)).reduce((sum, end) => sum + end, 0);
    for (let kills = 0; kills < 3; kills += 1) {
      const [from, already] = [await checkpoint(), await sent()];
      // Whoever holds the row keeps the checkpoint from moving: the page is in Kafka, and nobody knows.
      const holder = await system.pool.connect();
      await holder.query('BEGIN; SELECT FROM relay.checkpoint FOR UPDATE');
      const doomed = await system.start('relay');
      await eventually('a page is sent', async () => (await sent()) > already);
      await doomed.kill();
      // A statement that the server holds already would be carried out though its client is dead.
      await eventually('its connections are gone', async () => (await endConnections('ledger-relay')) === 0);
      await holder.query('ROLLBACK');
      holder.release();
      expect(await checkpoint()).toBe(from);
    }
    const relay = await system.start('relay');
    await relay.waitReady();
    await untilRelayed();
    const messages = await expectWhole();
    expect(messages.length).toBeGreaterThan((await head()) + 1);
    expect(await relay.stop()).toBe(0);
  }, 180_000);

  it('also across the death of the broker', async () => {
    const relay = await system.start('relay');
    await relay.waitReady();
    await record(500);
    await kafka.kill();
    await sleep(500);
    await kafka.start();
    await record(500);
    await untilRelayed();
    await expectWhole();
    expect(relay.isRunning()).toBe(true);
    expect(await relay.stop()).toBe(0);
  }, 180_000);

  it('so that the consumer of docs/downstream.md, run as it stands, sees each once', async () => {
    const page = readFileSync(path.join(repositoryRoot(), 'docs/downstream.md'), 'utf8');
    const code = /```js\n(?<code>[\s\S]+?)```/u.exec(page)?.groups?.['code'] ?? '';
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: repositoryRoot(),
      env: { PATH: process.env['PATH'], KAFKA_BROKERS: system.brokers, KAFKAJS_NO_PARTITIONER_WARNING: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    try {
      const positions = (): number[] =>
        [...output.matchAll(/^(\d+) \w+ [0-9a-f-]{36} .*\n/gmu)].map(([, text]) => Number(text));
      const last = await head();
      await eventually('it has all', () => positions().length > last);
      expect(positions().toSorted((a, b) => a - b)).toEqual(Array.from({ length: last + 1 }, (_, index) => index));
    } finally {
      child.kill('SIGKILL');
    }
  }, 60_000);
});
