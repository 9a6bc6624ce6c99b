import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { checkDisclosure, type Disclosure, parseDisclosure } from '#app/log';
import { eventsOf, untilIngested } from '../support/ingest-facts.js';
import { decision, PUBLISHER, report } from '../support/ingest-messages.js';
import { produce } from '../support/kafka.js';
import { ledger } from '../support/ledger-cli.js';
import { runFolder } from '../support/run-folder.js';
import { startSystem, type TestSystem } from '../support/system.js';

const SUMMARY = 'two cars, one of them white; seen by Ḥasan';
const NOTES = 'the other car was his';

describe('one committed value can be shown and checked, and nothing else becomes known', () => {
  let system: TestSystem;
  let position: string;
  let leaf: string;
  const file = path.join(runFolder(), 'disclosure.json');
  const disclose = (...args: string[]) =>
    ledger(['disclose', ...args], { ...system.env, LEDGER_AUDIT_URL: system.app('audit-api').url });
  const ingested = (): Promise<void> =>
    untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');

  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest', 'audit-api'] });
    const data = { summary: SUMMARY, tags: ['one', 'two'], confidential: { notes: NOTES } };
    await produce([report({ id: 'r', reportId: 'r', ref: 'r', data })], system.brokers);
    await ingested();
    position = String((await eventsOf(system.pool)).findIndex(({ reportId }) => reportId === 'r'));
    const { rows } = await system.pool.query<{ leaf: string }>('SELECT leaf FROM ledger.event WHERE position = $1', [
      position,
    ]);
    leaf = rows[0]?.leaf ?? '';
  }, 90_000);
  afterAll(async () => {
    rmSync(file, { force: true });
    await system?.stop();
  }, 60_000);

  it('by SHA-256 of salt and text, with no program of ours', async () => {
    const { code, stdout, stderr } = await disclose(position, '/summary');
    expect(code).toBe(0);
    // Nobody signs this log, and the command says so.
    expect(stderr).toContain('the disclosure has no proof');
    const disclosure = JSON.parse(stdout) as Disclosure;
    const { log, sd } = JSON.parse(leaf) as { log: string; sd: Record<string, string> };
    expect(disclosure).toMatchObject({
      v: 1,
      log,
      position: Number(position),
      pointer: '/summary',
      value: SUMMARY,
      proof: null,
    });
    const digest = createHash('sha256')
      .update(Buffer.from(disclosure.salt, 'base64url'))
      .update(`["/summary",${JSON.stringify(SUMMARY)}]`)
      .digest('base64url');
    expect(digest).toBe(sd['/summary']);
    // Its salt opens no other digest, so no guess of another value can be tried.
    const guess = createHash('sha256')
      .update(Buffer.from(disclosure.salt, 'base64url'))
      .update(`["/confidential/notes",${JSON.stringify(NOTES)}]`)
      .digest('base64url');
    expect(guess).not.toBe(sd['/confidential/notes']);
    expect(stdout).not.toContain(NOTES);
  }, 60_000);

  it('into a new file that its owner alone can read, and over no other file', async () => {
    expect(await disclose(position, '/confidential/notes', '--out', file)).toMatchObject({ code: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    expect(checkDisclosure(parseDisclosure(text), leaf)).toMatchObject({ kind: 'DISCLOSED', type: 'ReportRecorded' });
    expect(checkDisclosure(parseDisclosure(text.replace('was his', 'was hers')), leaf)).toMatchObject({
      kind: 'REFUTED',
    });
    expect(await disclose(position, '/confidential/notes', '--out', file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is there already') as unknown,
    });
    expect(readFileSync(file, 'utf8')).toBe(text);
  }, 60_000);

  it.each([
    [() => [position, '/nothing'], 1, '/confidential/notes /summary /tags/0 /tags/1'],
    [() => ['0', '/summary'], 1, 'no committed value at all'],
    [() => ['4711', '/summary'], 1, 'no position 4711'],
    [() => ['-1', '/summary'], 2, 'whole number'],
    [() => [position, 'summary'], 2, 'JSON Pointer'],
  ])(
    'and what is not there is told: %#',
    async (args, code, sentence) => {
      expect(await disclose(...args())).toMatchObject({ code, stderr: expect.stringContaining(sentence) as unknown });
    },
    60_000,
  );

  it('not once it is erased, though what was disclosed before still holds', async () => {
    const erase = { kind: 'ERASE', reportId: 'r', source: PUBLISHER, paths: ['/confidential'], authority: 'a request' };
    await produce([decision(erase)], system.brokers);
    await ingested();
    expect(await disclose(position, '/confidential/notes')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('was erased') as unknown,
    });
    expect(checkDisclosure(parseDisclosure(readFileSync(file, 'utf8')), leaf)).toMatchObject({ kind: 'DISCLOSED' });
    expect(await disclose(position, '/summary')).toMatchObject({ code: 0 });
  }, 60_000);
});
