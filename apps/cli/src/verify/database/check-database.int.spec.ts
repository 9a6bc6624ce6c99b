import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Database, prepareEvent, uuidV7 } from '#app/log';
import { repositoryRoot } from '#app/runtime';
import { tileReader } from '#app/transparency';
import type { PoolClient } from 'pg';
import { WrittenLog } from '../../../../../test/interop/written-log.js';
import { asOwner, removeEvent, shiftEvents, swapEvents, truncateLog } from '../../../../../test/support/owner.js';
import { gapEvent, reportEvent, secretReport, startLog, type TestLog } from '../../../../../test/support/log.js';
import { readEnvironment } from '../../environment.js';
import type { Output } from '../../terminal/output.js';
import { openSource } from '../log-source.js';
import { SignedTree } from '../signed-tree.js';
import { checkDatabase, type DatabaseCheckOptions } from './check-database.js';
import { threadedPages } from './page-runner.js';

jest.setTimeout(120_000);

const SIZE = 600;
const MERGE = 20;
const folder = mkdtempSync(path.join(tmpdir(), 'verify-database-'));
const quiet: Output = {
  json: true,
  result: () => undefined,
  note: () => undefined,
  progress: () => ({ update: () => undefined, stop: () => undefined }),
};
let log: TestLog;
let written: WrittenLog;

/** 4 events of a new log, 16 reports, an event that touches two streams, and gaps. */
beforeAll(async () => {
  log = await startLog();
  for (let n = 0; n < 16; n++) await log.append([await reportEvent(log, secretReport(n), { offset: n })]);
  const touched = uuidV7();
  await log.append([merge(touched)]);
  const stream = uuidV7();
  const gaps = Array.from({ length: SIZE - MERGE - 1 }, (_, i) => gapEvent(log, { stream, streamVersion: i + 1 }, i));
  await log.append(gaps);
  const { rows } = await log.pool.query<{ leaf: string }>('SELECT leaf FROM ledger.event ORDER BY position');
  expect(rows).toHaveLength(SIZE);
  written = new WrittenLog(folder, undefined, (position) => Buffer.from(rows[position]!.leaf));
  await written.growTo(SIZE);
});
afterAll(async () => {
  await log.close();
  rmSync(folder, { recursive: true });
});

function merge(stream: string) {
  return prepareEvent(
    {
      type: 'MergeReverted',
      data: { survivor: stream, absorbed: stream, merge: stream } as never,
      stream,
      streamVersion: 1,
      also: [{ stream: uuidV7(), streamVersion: 1 }],
      actor: 'steward',
      source: null,
    },
    { log: log.head.log, masterKey: log.masterKey },
  );
}

/** An event that nobody sent: another one under another id. */
async function insertCopy(tx: PoolClient, at: number): Promise<void> {
  await tx.query(
    `INSERT INTO ledger.event (log_id, position, event_id, type, stream_id, stream_version, recorded_at, leaf)
     SELECT log_id, $1::bigint, gen_random_uuid(), type, stream_id, 77, recorded_at, replace(leaf, '"v":1', '"v": 1')
       FROM ledger.event WHERE position = 20`,
    [at],
  );
}

class Undo extends Error {}

/** What is found after something was done with the rights of an owner, which is then taken back. */
async function foundAfter(work: (tx: PoolClient) => Promise<unknown>): Promise<unknown[]> {
  let found: unknown[] = [];
  const undone = asOwner(log.owner, async (tx) => {
    await work(tx);
    found = await check(tx);
    throw new Undo();
  });
  await expect(undone).rejects.toThrow(Undo);
  return found;
}

async function check(db: Database, { limit = 20, runner }: Partial<DatabaseCheckOptions> = {}): Promise<unknown[]> {
  const source = openSource(written.at);
  const read = tileReader(source.read);
  const tree = await SignedTree.open({ size: SIZE, root: written.edge.root() }, read);
  const checks = await checkDatabase(
    { db, sealed: { db, masterKey: log.masterKey } },
    { tree, read, source },
    { limit, output: quiet, ...(runner === undefined ? {} : { runner }) },
  );
  expect(checks.map(({ name }) => name)).toEqual(['database', 'columns', 'streams', 'committed']);
  return checks.filter(({ ok }) => !ok).map(({ name, kind, position }) => [name, kind, position]);
}

describe('a database beside its published log', () => {
  it('verifies when nobody touched it', async () => {
    expect(await foundAfter(() => Promise.resolve())).toEqual([]);
  });

  it.each([
    ['a row removed', (tx: PoolClient) => removeEvent(tx, 300), ['database', 'REMOVED', 300]],
    ['two rows swapped', (tx: PoolClient) => swapEvents(tx, 100, 500), ['database', 'SWAPPED', 100]],
    ['the log cut off', (tx: PoolClient) => truncateLog(tx, 400), ['database', 'TRUNCATED', 400]],
    [
      'a row inserted',
      async (tx: PoolClient) => {
        await shiftEvents(tx, 300, 1);
        await insertCopy(tx, 300);
      },
      ['database', 'INSERTED', 300],
    ],
    [
      'a row put far behind the others',
      (tx: PoolClient) => tx.query('UPDATE ledger.event SET position = 900000 WHERE position = 7'),
      ['database', 'REMOVED', 7],
    ],
    ['a row behind the head', (tx: PoolClient) => insertCopy(tx, SIZE), ['database', 'INSERTED', SIZE]],
    [
      'the head set forward',
      (tx: PoolClient) => tx.query('UPDATE ledger.head SET next_position = next_position + 5'),
      ['database', 'TRUNCATED', SIZE],
    ],
    [
      'a leaf that is no event any more',
      (tx: PoolClient) => tx.query("UPDATE ledger.event SET leaf = 'null' WHERE position = 9"),
      ['database', 'CHANGED', 9],
    ],
    [
      'a leaf that touches nothing that is a stream',
      (tx: PoolClient) =>
        tx.query(`UPDATE ledger.event SET leaf = replace(leaf, '"actor"', '"also":[null],"actor"') WHERE position = 9`),
      ['database', 'CHANGED', 9],
    ],
    [
      'a leaf changed on a later page',
      (tx: PoolClient) =>
        tx.query('UPDATE ledger.event SET leaf = replace(leaf, \'"v":1\', \'"v":2\') WHERE position = 590'),
      ['database', 'CHANGED', 590],
    ],
    [
      'the last pages gone, and rows behind them',
      async (tx: PoolClient) => {
        await tx.query('UPDATE ledger.event SET position = position + 900000 WHERE position >= 500');
      },
      ['database', 'REMOVED', 500],
    ],
    [
      'the own stream of an event gone',
      (tx: PoolClient) => tx.query('DELETE FROM ledger.event_stream WHERE position = 560'),
      ['streams', 'STREAM', 560],
    ],
    [
      'the streams of two events swapped',
      (tx: PoolClient) =>
        tx.query('UPDATE ledger.event_stream SET position = 60 + 61 - position WHERE position IN (60, 61)'),
      ['streams', 'STREAM', 60],
    ],
    [
      'a stream that no event touches',
      (tx: PoolClient) => tx.query('INSERT INTO ledger.event_stream VALUES (1, gen_random_uuid(), 1, 70)'),
      ['streams', 'STREAM', 70],
    ],
    [
      'column and event_stream changed alike',
      async (tx: PoolClient) => {
        await tx.query('UPDATE ledger.event_stream SET stream_version = 9000 WHERE position = 80');
        await tx.query('UPDATE ledger.event SET stream_version = 9000 WHERE position = 80');
      },
      ['columns', 'COLUMN', 80],
    ],
    [
      'the further stream of an event gone',
      (tx: PoolClient) =>
        tx.query(
          'DELETE FROM ledger.event_stream s USING ledger.event e WHERE s.position = $1 AND e.position = $1 AND s.stream_id <> e.stream_id',
          [MERGE],
        ),
      ['streams', 'STREAM', MERGE],
    ],
    [
      'the cursor of an event moved to another partition',
      async (tx: PoolClient) => {
        const { rows } = await tx.query<{ id: number }>(
          "INSERT INTO ledger.kafka_cursor (cluster, topic, partition, consumer_group, next_offset) VALUES ('c', 't', 3, 'g', 0) RETURNING cursor_id AS id",
        );
        await tx.query('UPDATE ledger.event SET cursor_id = $1 WHERE position = 10', [rows[0]?.id]);
      },
      ['columns', 'COLUMN', 10],
    ],
  ])('with %s is named by its position', async (_name, work, expected) => {
    expect((await foundAfter(work))[0]).toEqual(expected);
  });

  it('is checked the same by threads with connections of their own', async () => {
    const program = path.join(repositoryRoot(), 'dist/apps/cli/src/verify/database/page-worker.js');
    const environment = { ...readEnvironment({ DATABASE_URL: log.url }) };
    const access = { environment, options: { withSealed: false } };
    const runner = threadedPages(2, access, pathToFileURL(program));
    const version = (sql: string): Promise<void> =>
      asOwner(log.owner, async (tx) => void (await tx.query(`UPDATE ledger.event SET ${sql} WHERE position = 530`)));
    try {
      expect(await check(log.owner, { runner })).toEqual([]);
      await version('stream_version = stream_version + 7000');
      expect(await check(log.owner, { runner })).toEqual([['columns', 'COLUMN', 530]]);
    } finally {
      await version('stream_version = stream_version - 7000');
      await runner.close();
    }
  });

  it('verifies with events that are not published yet', async () => {
    const stream = uuidV7();
    await log.append(Array.from({ length: 10 }, (_, i) => gapEvent(log, { stream, streamVersion: i + 1 })));
    expect(await check(log.owner)).toEqual([]);
  });
});
