import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '#app/runtime';
import { createKeyFile, openCheckpoint } from '#app/transparency';
import pg from 'pg';
import { newestCheckpoint } from '../../apps/notary/src/checkpoint-rows.js';
import { Notary } from '../../apps/notary/src/notary.js';
import { copyDatabase, type TestDatabase } from '../support/database.js';
import { LOG_OPTIONS, startLog, type TestLog } from '../support/log.js';
import { recordEvents, testNotary, type TestNotary, type TestNotaryOptions, tilesFolder } from '../support/notary.js';
import { makeSignedLog } from '../support/processes.js';
import { checkServedTree, leavesOf, stated } from '../support/served-tree.js';

jest.setTimeout(60_000);

describe('the notary', () => {
  let log: TestLog;
  let folder: string;
  let keyFile: string;
  let notaries: TestNotary[];
  let databases: TestDatabase[];
  beforeEach(async () => {
    log = await startLog();
    folder = tilesFolder();
    keyFile = makeSignedLog(LOG_OPTIONS.origin).LEDGER_SIGNING_KEY_FILE;
    notaries = [];
    databases = [];
  });
  afterEach(async () => {
    await Promise.all(notaries.map((one) => one.close()));
    await log.close();
    for (const database of databases) await database.drop();
  });

  /** As it would be after a restart, over the same folder and with the same key. */
  function notary(options: Partial<TestNotaryOptions> = {}): TestNotary {
    const made = testNotary({ url: log.url, folder, keyFile, ...options });
    notaries.push(made);
    return made;
  }

  const publish = (options: Partial<TestNotaryOptions> = {}): Promise<number> => notary(options).publishAll();

  async function backup(): Promise<TestDatabase> {
    const database = await copyDatabase(log.url);
    databases.push(database);
    return database;
  }

  /** What nobody may do who is not the owner of the database. */
  async function tamper(url: string, ...statements: string[]): Promise<void> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query('ALTER TABLE ledger.event DISABLE TRIGGER ALL; ALTER TABLE ledger.head DISABLE TRIGGER ALL');
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }

  const published = (): string => readFileSync(path.join(folder, 'checkpoint'), 'utf8');

  it('goes on where it was, and publishes what anyone can work out from the leaves', async () => {
    expect(await publish()).toBe(4);
    for (const count of [1, 251, 1, 300, 65_536 - 557, 1, 300]) {
      await recordEvents(log, count);
      const size = await publish();
      const leaves = await leavesOf(log.owner);
      expect(size).toBe(leaves.length);
      expect(checkServedTree(folder, leaves).size).toBe(size);
    }
  });

  it('refuses a backup from before what was published, names both positions, and goes on when the log is there', async () => {
    await recordEvents(log, 296);
    await publish();
    const old = await backup();
    await recordEvents(log, 400);
    expect(await publish()).toBe(700);
    const before = published();
    await expect(publish({ url: old.url })).rejects.toMatchObject({
      code: 'LOG_BEHIND_CHECKPOINT',
      message: expect.stringMatching(/ends at position 299, and position 699 was signed.*restore a backup/su),
    });
    expect(published()).toBe(before);
    expect(await publish()).toBe(700);
  });

  it('refuses a backup that was written on, at the first position that differs', async () => {
    await recordEvents(log, 296);
    await publish();
    const old = await backup();
    await recordEvents(log, 400);
    await publish();
    const before = published();
    const pool = createPool(old.url, { role: 'ledger_ingest' });
    await recordEvents({ ...log, pool }, 900);
    await pool.end();
    await expect(publish({ url: old.url })).rejects.toMatchObject({
      code: 'LOG_FORKED',
      message: expect.stringContaining('position 300 '),
    });
    expect(published()).toBe(before);
  });

  it('takes the published checkpoint over when the backup holds every leaf after all', async () => {
    await recordEvents(log, 296);
    await publish();
    await recordEvents(log, 400);
    const old = await backup();
    await publish();
    const before = published();
    expect(await publish({ url: old.url })).toBe(700);
    const newest = await newestCheckpoint(notary({ url: old.url }).pool);
    expect(newest).toMatchObject({ size: 700, note: before });
  });

  it.each([
    [
      'changed',
      'UPDATE ledger.event SET leaf = replace(leaf, \'"v":1\', \'"v":2\') WHERE position = 650',
      /position 650 /u,
    ],
    [
      'truncated and appended anew',
      "UPDATE ledger.event SET leaf = replace(leaf, 'EXPIRED', 'REMADE') WHERE position >= 123",
      /position 123 /u,
    ],
  ])('refuses a log whose leaves were %s', async (_what, statement, message) => {
    await recordEvents(log, 696);
    await publish();
    await tamper(log.url, statement);
    await recordEvents(log, 10);
    await expect(publish()).rejects.toMatchObject({ code: 'LOG_FORKED', message: expect.stringMatching(message) });
  });

  it('refuses a log in which a position is missing', async () => {
    await recordEvents(log, 100);
    await publish();
    await recordEvents(log, 100);
    await tamper(log.url, 'DELETE FROM ledger.event WHERE position = 150');
    await expect(publish()).rejects.toMatchObject({
      code: 'LOG_INCOMPLETE',
      message: expect.stringContaining('position 150 '),
    });
  });

  it.each([
    ['a changed tile of hashes', 'tile/0/002.p/188', 0],
    ['a changed tile of a higher level', 'tile/1/000.p/2', 0],
    ['a changed bundle', 'tile/entries/002.p/188', 40],
  ])('refuses %s', async (_what, name, at) => {
    await recordEvents(log, 696);
    await publish();
    const file = path.join(folder, name);
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(file, bytes);
    await recordEvents(log, 1);
    await expect(publish()).rejects.toMatchObject({
      code: 'TILES_DAMAGED',
      message: expect.stringContaining('Restore the folder'),
    });
    rmSync(folder, { recursive: true });
    expect(await publish()).toBe(701);
    expect(checkServedTree(folder, await leavesOf(log.owner)).size).toBe(701);
  });

  it('refuses when a tile is missing, and writes an empty folder anew from the log', async () => {
    await recordEvents(log, 296);
    await publish();
    await recordEvents(log, 400);
    await publish();
    rmSync(path.join(folder, 'tile/1'), { recursive: true });
    await expect(publish()).rejects.toMatchObject({ code: 'TILES_DAMAGED' });
    rmSync(folder, { recursive: true });
    expect(await publish()).toBe(700);
    checkServedTree(folder, await leavesOf(log.owner));
  });

  it('refuses to write an empty folder anew from a log that does not give a root that was signed', async () => {
    await recordEvents(log, 296);
    await publish();
    await recordEvents(log, 400);
    await publish();
    await tamper(log.url, "UPDATE ledger.event SET leaf = replace(leaf, 'EXPIRED', 'ALTERED') WHERE position = 350");
    rmSync(folder, { recursive: true });
    await expect(publish()).rejects.toMatchObject({
      code: 'LOG_FORKED',
      message: expect.stringContaining('a position from 300 to 699 '),
    });
  });

  it('refuses a log of another name', async () => {
    const origin = 'other.example/log';
    await expect(publish({ origin, keyFile: makeSignedLog(origin).LEDGER_SIGNING_KEY_FILE })).rejects.toMatchObject({
      code: 'ORIGIN_DIFFERS',
      message: expect.stringContaining(LOG_OPTIONS.origin),
    });
  });

  it('replaces an older checkpoint that somebody put in the place of the newest', async () => {
    await publish();
    const old = published();
    await recordEvents(log, 20);
    const notaryAtWork = await Notary.open(notary().parts);
    await notaryAtWork?.turn();
    expect(stated(published()).size).toBe(24);
    writeFileSync(path.join(folder, 'checkpoint'), old);
    const turns = async (): Promise<void> => {
      for (;;) await sleep((await notaryAtWork?.turn()) ?? 0);
    };
    await expect(turns()).rejects.toThrow('was replaced by somebody else');
    expect(await publish()).toBe(24);
    expect(stated(published()).size).toBe(24);
  });

  it('of two at once only one signs the next checkpoint, and the one that was behind cannot go back', async () => {
    const [first, second] = [await Notary.open(notary().parts), await Notary.open(notary().parts)];
    await first?.turn();
    await expect(second?.turn()).rejects.toMatchObject({ name: 'OvertakenError' });
    const slow = await Notary.open(notary().parts);
    await recordEvents(log, 50);
    await first?.turn();
    await recordEvents(log, 50);
    await expect(slow?.turn()).rejects.toMatchObject({ name: 'OvertakenError' });
    const { size } = stated(published());
    expect(size).toBe(54);
    const { rows } = await log.owner.query<{ size: number }>('SELECT size FROM notary.checkpoint ORDER BY size');
    expect(rows.map((row) => row.size)).toEqual([4, 54]);
  });

  it('signs with a new key beside the old one, and then with the new one alone', async () => {
    await publish();
    const old = notary().parts.signer.verifiers;
    const more = path.join(path.dirname(keyFile), `${path.basename(keyFile)}.new`);
    createKeyFile(more, { name: LOG_OPTIONS.origin, kind: 'LOG' });
    const secondLine = readFileSync(more, 'utf8');
    await expect(publish({ keyFile: more })).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_OURS' });
    appendFileSync(keyFile, secondLine);
    expect(await publish()).toBe(4);
    expect(stated(published()).signers).toHaveLength(2);
    const both = notary().parts.signer.verifiers;
    for (const key of both) expect(openCheckpoint(published(), [key]).checkpoint.size).toBe(4);
    const identity = await log.owner.query<{ vkeys: string; policy: string }>(
      'SELECT vkeys, policy FROM notary.identity',
    );
    expect(identity.rows[0]?.vkeys.trim().split('\n')).toHaveLength(2);
    expect(identity.rows[0]?.policy.match(/^log /gmu)).toHaveLength(2);
    writeFileSync(keyFile, secondLine);
    expect(await publish()).toBe(4);
    expect(stated(published()).signers).toHaveLength(1);
    expect(() => openCheckpoint(published(), old)).toThrow('not signed by a known key');
  });

  it('refuses a folder whose checkpoint belongs to another history with the same key', async () => {
    await recordEvents(log, 296);
    const old = await backup();
    await publish();
    const other = tilesFolder();
    await tamper(old.url, "UPDATE ledger.event SET leaf = replace(leaf, 'EXPIRED', 'ALTERED') WHERE position = 77");
    expect(await publish({ url: old.url, folder: other })).toBe(300);
    rmSync(folder, { recursive: true });
    cpSync(other, folder, { recursive: true });
    await expect(publish()).rejects.toMatchObject({
      code: 'LOG_FORKED',
      message: expect.stringContaining('position 77 '),
    });
  });
});
