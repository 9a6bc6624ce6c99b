import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { DEFAULT_LOG_ID, readEvents } from '#app/log';
import { LOG_OPTIONS, startLog, type TestLog } from '../../../test/support/log.js';
import { activateProjection } from './activate-projection.js';

jest.setTimeout(60_000);

let log: TestLog;
beforeAll(async () => {
  log = await startLog();
});
afterAll(() => log.close());

const activated = async (): Promise<unknown[]> =>
  (await readEvents(log.pool, { after: -1, limit: 100 }))
    .map(({ leaf }) => JSON.parse(leaf) as { type: string; position: number; streamVersion: number; data: unknown })
    .filter(({ type }) => type === 'ProjectionActivated')
    .map(({ position, streamVersion, data }) => [position, streamVersion, data]);

it('records another projection once, whatever starts and however often', async () => {
  const context = { logId: DEFAULT_LOG_ID, log: log.head.log, masterKey: log.masterKey };
  const first = LOG_OPTIONS.projection;
  const next = { name: '2', sha256: 'd'.repeat(64) };
  const activate = (projection: typeof next): Promise<void> => activateProjection(log.pool, context, projection);

  await activate(first);
  expect(await activated()).toEqual([[3, 4, first]]);
  await Promise.all([activate(next), activate(next), activate(next)]);
  await activate(next);
  expect(await activated()).toEqual([
    [3, 4, first],
    [4, 5, next],
  ]);
});
