import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { loadCursors } from '#app/log';
import { createPool } from '#app/runtime';
import type { KafkaBatch } from '#app/kafka';
import type { Pool, PoolClient } from 'pg';
import { pino } from 'pino';
import { freshDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { report } from '../../../../test/support/ingest-messages.js';
import { systemEnvironment } from '../../../../test/support/processes.js';
import type { IngestConfig } from '../ingest.config.js';
import type { IngestContext } from '../ingest-context.js';
import { openLog } from '../open-log.js';
import { BatchRecorder } from './batch-recorder.js';

let database: TestDatabase;
let pool: Pool;
let context: IngestContext;
beforeEach(async () => {
  database = await freshDatabase();
  pool = createPool(database.url, { role: 'ledger_ingest', max: 4 });
  const config = systemEnvironment({ databaseUrl: database.url, brokers: '' }) as unknown as IngestConfig;
  ({ context } = await openLog(pool, config, pino({ level: 'silent' })));
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

/** The same report as the first message of a partition. */
async function batchOn(partition: number, message: ReturnType<typeof report>): Promise<KafkaBatch> {
  const key = { cluster: 'test', topic: 'conflict.reports.v1', partition, group: 'test' };
  const [cursor] = await loadCursors(pool, [key]);
  if (cursor === undefined) throw new Error('there is no cursor');
  const record = {
    offset: 0,
    timestamp: Date.now(),
    key: Buffer.from(String(message.key)),
    value: Buffer.from(String(message.value)),
    headers: message.headers ?? {},
  };
  return { ...key, cursorId: cursor.cursorId, expected: 0, next: 1, messages: [record], highWatermark: 1 };
}

/** After each statement of the first transaction, `between` is given the chance to work. */
function interrupted(between: (statement: number) => Promise<void>): Pool {
  return {
    connect: async () => {
      const client = await pool.connect();
      let statement = 0;
      return new Proxy(client, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          if (name !== 'query') return value.bind(target);
          return async (...args: Parameters<PoolClient['query']>) => {
            const answer: unknown = await Reflect.apply(value, target, args);
            await between(statement++);
            return answer;
          };
        },
      });
    },
  } as unknown as Pool;
}

it('a copy that another partition records between any two statements is a duplicate, or decided again: never refused', async () => {
  const statements = 12;
  for (let at = 0; at < statements; at += 1) {
    const message = report({ id: `copied-${at}`, reportId: `copied-${at}`, ref: `copied-${at}` });
    const other = new BatchRecorder(pool, context, () => undefined);
    const copy = await batchOn(2 * at + 1, message);
    let isCopied = false;
    const recorder = new BatchRecorder(
      interrupted(async (statement) => {
        if (statement < at || isCopied) return;
        isCopied = true;
        await other.record(copy, new Map());
      }),
      context,
      () => undefined,
    );
    const batch = await batchOn(2 * at, message);
    const outcome = await recorder.record(batch, new Map()).then(
      ({ events, duplicates }) => `${events.map(({ type }) => type).join()}/${duplicates.length}`,
      (error: Error) => error.name,
    );
    expect(['/1', 'ConcurrencyError']).toContain(outcome);
    // From here on all is read; and after our own insert the copy would only wait for us.
    if (outcome === 'ConcurrencyError') return;
  }
});
