import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPool } from '#app/runtime';
import type pg from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import { reportEvent, secretReport, startLog, type TestLog } from '../../../test/support/log.js';
import { eraseValues } from './erasing.js';
import { addMasterKey, dropOldMasterKeys } from './master-key-file.js';
import { MasterKey } from './master-key.js';
import { openSealed } from './opening.js';
import { changeMasterKey, replacePseudonymKey, rewrapKeys } from './rotating.js';
import { HeldSecrets } from './secrets.js';

// Databases are made, and both cores may be busy with other specs.
jest.setTimeout(60_000);

describe('replacing keys', () => {
  let log: TestLog;
  let keys: pg.Pool;
  let folder: string;
  let file: string;
  beforeAll(async () => {
    log = await startLog();
    keys = createPool(log.url, { role: 'ledger_keys', max: 3 });
    folder = mkdtempSync(path.join(tmpdir(), 'rotating-'));
  });
  afterAll(async () => {
    await keys.end();
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let before: MasterKey;
  /** As the log was made with them. */
  let secrets: { name: string; wrapped: Buffer }[];
  beforeAll(async () => {
    secrets = (await log.owner.query<(typeof secrets)[number]>('SELECT name, wrapped FROM vault.secret')).rows;
  });
  beforeEach(async () => {
    // Every test begins with the key of the log, alone.
    file = path.join(folder, `${Date.now()}-${Math.random()}.key`);
    writeFileSync(file, `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
    before = MasterKey.fromFile(file);
    await log.owner.query('DELETE FROM vault.secret; DELETE FROM vault.key');
    for (const { name, wrapped } of secrets)
      await log.owner.query('INSERT INTO vault.secret VALUES ($1, $2)', [name, wrapped]);
  });

  const nothing = (): void => undefined;
  /** Resolves when somebody waits for a lock. */
  const somebodyWaits = () =>
    eventually('somebody waits', async () => {
      const { rowCount } = await log.owner.query(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      );
      return rowCount === 1;
    });
  async function record(n: number): Promise<string> {
    const event = await reportEvent(log, secretReport(n));
    await log.append([event]);
    return event.eventId;
  }

  it('an erased key does not come back, though it was read before and wrapped again after', async () => {
    const [erased, kept] = [await record(1), await record(2)];
    addMasterKey(file);
    const eraser = await log.pool.connect();
    await eraser.query('BEGIN');
    await eraseValues(eraser, log.masterKey, [{ eventId: erased, pointers: 'ALL' }]);
    const rewrapping = rewrapKeys(keys, MasterKey.fromFile(file), nothing);
    await somebodyWaits();
    await eraser.query('COMMIT');
    eraser.release();
    expect(await rewrapping).toMatchObject({ unreadable: 0 });
    // What the eraser kept of the other event is sealed again under a key that the first pass could not see.
    expect(await rewrapKeys(keys, MasterKey.fromFile(file), nothing)).toMatchObject({ rewrapped: 1, unreadable: 0 });
    expect(await rewrapKeys(keys, MasterKey.fromFile(file), nothing)).toMatchObject({ rewrapped: 0, unreadable: 0 });
    dropOldMasterKeys(file);
    expect((await openSealed(log.pool, MasterKey.fromFile(file), erased)).values.size).toBe(0);
    const { values, erased: gone } = await openSealed(log.pool, MasterKey.fromFile(file), kept);
    // They share one person, who was erased.
    expect({ gone, values: values.size > 5 }).toEqual({ gone: ['/confidential/victims/1'], values: true });
  });

  it('an erasure of a key that is being wrapped again erases it', async () => {
    const erased = await record(3);
    addMasterKey(file);
    const holder = await keys.connect();
    await holder.query('BEGIN');
    const { rows } = await holder.query<{ wrapped: Buffer }>('SELECT wrapped FROM vault.key WHERE key_id = $1', [
      erased,
    ]);
    const again = MasterKey.fromFile(file).rewrap(erased, rows[0]?.wrapped as Buffer);
    await holder.query('UPDATE vault.key SET wrapped = $2 WHERE key_id = $1', [erased, again]);
    const eraser = await log.pool.connect();
    const erasing = eraseValues(eraser, log.masterKey, [{ eventId: erased, pointers: 'ALL' }]);
    await somebodyWaits();
    await holder.query('COMMIT');
    holder.release();
    expect(await erasing).toHaveLength(1);
    eraser.release();
    expect((await log.owner.query('SELECT FROM vault.key WHERE key_id = $1', [erased])).rowCount).toBe(0);
  });

  const MASTER = { changed: false, wrapsAnew: true };
  const PSEUDONYM = { changed: true, wrapsAnew: false };
  it.each([
    ['the master key', MASTER, (pool: pg.Pool) => changeMasterKey(pool, MasterKey.fromFile(file)).then(nothing)],
    ['the key of the pseudonyms', PSEUDONYM, (pool: pg.Pool) => replacePseudonymKey(pool, MasterKey.fromFile(file))],
  ])('%s waits for those who hold the secrets, and who comes after has the new ones', async (_, expected, replace) => {
    addMasterKey(file);
    const running = MasterKey.fromFile(file);
    const held = new HeldSecrets(running);
    const recorder = await log.pool.connect();
    await recorder.query('BEGIN');
    const first = await held.hold(recorder);
    const wrapped = running.wrap('of the batch', Buffer.alloc(32, 1));
    let done = false;
    const replacing = replace(keys).then(() => (done = true));
    await somebodyWaits();
    expect(done).toBe(false);
    await recorder.query('COMMIT');
    await replacing;
    await recorder.query('BEGIN');
    const second = await held.hold(recorder);
    await recorder.query('COMMIT');
    recorder.release();
    // What the batch wrapped is wrapped by the old key: it is among those that are wrapped again after the change over.
    expect(before.unwrap('of the batch', wrapped)).toEqual(Buffer.alloc(32, 1));
    const changed = !second.pseudonymKey.equals(first.pseudonymKey);
    const wrapsAnew = MasterKey.fromFile(file).rewrap('x', running.wrap('x', Buffer.alloc(32))) === null;
    expect({ changed, wrapsAnew }).toEqual(expected);
    expect(second.dedupKey.equals(first.dedupKey)).toBe(true);
  });

  it('a file without the new key makes recording wait, with the code of a database that is not ready', async () => {
    const elsewhere = `${file}.elsewhere`;
    writeFileSync(elsewhere, `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
    const held = new HeldSecrets(MasterKey.fromFile(elsewhere));
    await held.hold(log.pool);
    addMasterKey(file);
    await changeMasterKey(keys, MasterKey.fromFile(file));
    await expect(held.hold(log.pool)).rejects.toMatchObject({ code: '57P03', name: 'MasterKeyMissingError' });
  });

  it('ledger_keys can neither make a key nor delete one, nor read an event', async () => {
    for (const forbidden of [
      'DELETE FROM vault.key',
      "INSERT INTO vault.key (key_id, wrapped) VALUES (gen_random_uuid(), 'x')",
      'UPDATE vault.key SET subject = gen_random_uuid()',
      'SELECT FROM ledger.event',
      'SELECT FROM ledger.sealed',
    ]) {
      await expect(keys.query(forbidden)).rejects.toMatchObject({ code: '42501' });
    }
  });
});
