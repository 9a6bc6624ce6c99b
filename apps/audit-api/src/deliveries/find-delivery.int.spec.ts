import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { advanceCursor, type Cursor, loadCursors, replaceCursor } from '#app/log';
import { withTransaction } from '#app/runtime';
import { startLog, type TestLog } from '../../../../test/support/log.js';
import { findDelivery } from './find-delivery.js';

jest.setTimeout(60_000);

let log: TestLog;
beforeAll(async () => {
  log = await startLog();
});
afterAll(() => log.close());

it('tells of the topic that is there, though a process that slept moves the cursor of the one before it', async () => {
  const key = { cluster: 'c', topic: 'conflict.reports.v1', partition: 0, group: 'g' };
  const [old] = (await loadCursors(log.pool, [key])) as [Cursor];
  await advanceCursor(log.pool, old.cursorId, { from: 0, to: 5 });
  const anew = { from: 5, to: 0, lineage: { topicId: 'B', epoch: 0 } };
  await withTransaction(log.pool, (tx) => replaceCursor(tx, old, anew));
  await advanceCursor(log.pool, old.cursorId, { from: 5, to: 9 });
  const { topic, partition } = key;
  expect(await findDelivery(log.pool, { topic, partition, offset: 7 })).toMatchObject({ status: 'PENDING' });
});
