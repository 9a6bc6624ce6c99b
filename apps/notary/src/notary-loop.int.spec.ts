import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { LOG_OPTIONS, startLog, type TestLog } from '../../../test/support/log.js';
import {
  recordEvents,
  testNotary,
  type TestNotary,
  type TestNotaryOptions,
  tilesFolder,
} from '../../../test/support/notary.js';
import { makeSignedLog } from '../../../test/support/processes.js';
import { NotaryLoop } from './notary-loop.js';

jest.setTimeout(60_000);

let log: TestLog;
let notaries: TestNotary[];
const { LEDGER_SIGNING_KEY_FILE: keyFile } = makeSignedLog(LOG_OPTIONS.origin);
beforeEach(async () => {
  log = await startLog();
  notaries = [];
});
afterEach(async () => {
  await Promise.all(notaries.map((one) => one.close()));
  await log.close();
});

function notary(folder: string, parts: TestNotaryOptions['parts'] = () => ({})): TestNotary {
  const made = testNotary({ url: log.url, folder, keyFile, parts });
  notaries.push(made);
  return made;
}

it('is not ready, and says so, while it has been looking at what was signed for more than moments', async () => {
  const folder = tilesFolder();
  await recordEvents(log, 300);
  await notary(folder).publishAll();
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  // As from a disk that takes its time, or under so large a log.
  const { parts } = notary(folder, ({ store }) => ({
    store: { ...store, read: (path) => held.then(() => store.read(path)) },
  }));
  const loop = new NotaryLoop(parts);
  const told = (): unknown => {
    try {
      return loop.health().state;
    } catch (error) {
      return (error as { details?: { code?: string } }).details?.code;
    }
  };
  loop.onApplicationBootstrap();
  try {
    await eventually('it begins', async () => told() === 'RECOVERING');
    await eventually('it says that it is not ready', async () => told() === 'NOTARY_RECOVERING', { timeoutMs: 15_000 });
    letGo();
    await eventually('it signs', async () => told() === 'SIGNING');
    expect(loop.health()).toEqual({ state: 'SIGNING', size: 304 });
  } finally {
    letGo();
    await loop.onApplicationShutdown();
  }
});
