import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  DEFAULT_LOG_ID,
  eraseAgain,
  eraseKeys,
  eraseValues,
  type Erasure,
  insertRejectionKeys,
  loadSecrets,
  MasterKey,
  openPayloadSalt,
  openRejected,
  openSealed,
  readEvents,
  sealRejected,
} from '#app/log';
import { withTransaction } from '#app/runtime';
import { reportEvent, secretReport, startLog, type TestLog } from '../support/log.js';

// Databases are made, and both cores may be busy with other specs.
jest.setTimeout(60_000);

describe('erasing', () => {
  let log: TestLog;
  let next = 0;
  beforeAll(async () => {
    log = await startLog();
  });
  afterAll(() => log.close());

  const record = async (report = secretReport(next++)) => {
    const event = await reportEvent(log, report);
    return { eventId: event.eventId, position: await log.append([event]) };
  };
  const erase = (erasures: Erasure[]) => withTransaction(log.pool, (tx) => eraseValues(tx, log.masterKey, erasures));
  const leafAt = async (position: number) => (await readEvents(log.pool, { after: position - 1, limit: 1 }))[0]!.leaf;
  /** Nobody who has the whole database and the master key can open the box again. */
  const open = (eventId: string) => openSealed(log.owner, log.masterKey, eventId);

  it('some values of an event leaves the others readable, and the leaf as it was', async () => {
    const { eventId, position } = await record();
    const before = await open(eventId);
    const leaf = await leafAt(position);
    const erased = await erase([{ eventId, pointers: ['/summary', '/confidential/sourceContact'] }]);
    expect(erased).toEqual([{ eventId, position, pointers: ['', '/confidential/sourceContact', '/summary'] }]);
    const after = await open(eventId);
    expect(after.erased).toEqual(['/confidential/sourceContact', '/summary']);
    const kept = new Map(before.values);
    kept.delete('/summary');
    kept.delete('/confidential/sourceContact');
    expect(after.values).toEqual(kept);
    expect(await openPayloadSalt(log.pool, log.masterKey, eventId)).toBeNull();
    expect(await leafAt(position)).toBe(leaf);
    const sd = (JSON.parse(leaf) as { sd: Record<string, string> }).sd;
    await expect(openSealed(log.pool, log.masterKey, { eventId, sd })).resolves.toEqual(after);
  });

  it('again erases the next value only, and reports nothing twice', async () => {
    const { eventId, position } = await record();
    await erase([{ eventId, pointers: ['/tags/0'] }]);
    expect(await erase([{ eventId, pointers: ['/tags/0', '/tags/1'] }])).toEqual([
      { eventId, position, pointers: ['/tags/1'] },
    ]);
    expect(await erase([{ eventId, pointers: ['/tags/0', '/tags/1'] }])).toEqual([]);
    expect((await open(eventId)).erased).toEqual(['/tags/0', '/tags/1']);
  });

  it('all of an event makes every value and the salt of its payload unreadable', async () => {
    const { eventId } = await record();
    const before = await open(eventId);
    await erase([{ eventId, pointers: 'ALL' }]);
    const after = await open(eventId);
    expect(after.values.size).toBe(0);
    expect(after.erased).toEqual([...before.values.keys()].toSorted());
    expect(await openPayloadSalt(log.pool, log.masterKey, eventId)).toBeNull();
  });

  it('a data subject erases the person in every event, and nobody else', async () => {
    const [first, second, third] = [await record(), await record(), await record()];
    const others = secretReport(next++);
    others.confidential!.victims = [{ subjectRef: 'another-person', name: 'secret other' }];
    const untouched = await record(others);
    const erased = await erase([{ eventId: second.eventId, pointers: ['/confidential/victims/1'] }]);
    expect(erased.map(({ position }) => position)).toEqual(
      expect.arrayContaining([first, second, third].map((e) => e.position)),
    );
    for (const { pointers } of erased) expect(pointers).toContain('/confidential/victims/1');
    for (const { eventId } of [first, second, third]) {
      const { values, erased: gone } = await open(eventId);
      expect(gone).toEqual(['/confidential/victims/1']);
      expect(values.has('/confidential/victims/0')).toBe(true);
      expect(values.has('/summary')).toBe(true);
      expect(await openPayloadSalt(log.pool, log.masterKey, eventId)).toBeNull();
    }
    expect((await open(untouched.eventId)).erased).toEqual([]);
    expect(await openPayloadSalt(log.pool, log.masterKey, untouched.eventId)).not.toBeNull();
    // The person may be reported again: under a new key.
    expect((await open((await record()).eventId)).erased).toEqual([]);
  });

  it('needs the rights of ingest only, and gives up as a whole', async () => {
    const { eventId } = await record();
    const failed = new Error('given up on purpose');
    await expect(
      withTransaction(log.pool, async (tx) => {
        await eraseValues(tx, log.masterKey, [{ eventId, pointers: 'ALL' }]);
        throw failed;
      }),
    ).rejects.toBe(failed);
    expect((await open(eventId)).erased).toEqual([]);
  });

  it('the key of a rejection makes its bytes unreadable', async () => {
    const rejectionId = randomUUID();
    const message = {
      key: Buffer.from('k'),
      value: Buffer.from([0, 255, 1, 128]),
      headers: { a: 'x', b: ['1', Buffer.of(200)] },
    };
    const place = { log: log.head.log, rejectionId };
    const sealed = sealRejected(message, place, log.masterKey);
    await withTransaction(log.pool, async (tx) => {
      await insertRejectionKeys(tx, [sealed]);
      await tx.query(
        `INSERT INTO ledger.rejection (rejection_id, event_id, cursor_id, source_offset, stage, code, problems, message_bytes, key_id, box)
         VALUES ($1, $2, 1, 1, 'DECODE', 'NOT_JSON', '[]', 4, $1, $3)`,
        [rejectionId, randomUUID(), sealed.box],
      );
    });
    expect(await openRejected(log.pool, log.masterKey, place)).toEqual({
      key: message.key,
      value: message.value,
      headers: { a: [Buffer.from('x')], b: [Buffer.from('1'), Buffer.of(200)] },
    });
    expect(await eraseKeys(log.pool, [rejectionId])).toBe(1);
    expect(await openRejected(log.pool, log.masterKey, place)).toBeNull();
  });
});

describe('a backup of the vault from before an erasure', () => {
  let log: TestLog;
  beforeAll(async () => {
    log = await startLog();
  });
  afterAll(() => log.close());

  it('brings values back, and what the log says was erased is erased again; nothing else is', async () => {
    const events = [await reportEvent(log, secretReport(1)), await reportEvent(log, secretReport(2), { offset: 1 })];
    const first = await log.append(events);
    const [partly, wholly] = events.map(({ eventId }) => eventId) as [string, string];
    await log.owner.query('CREATE TABLE backup AS SELECT * FROM vault.key');
    const erased = await withTransaction(log.pool, (tx) =>
      eraseValues(tx, log.masterKey, [
        { eventId: partly, pointers: ['/summary'] },
        { eventId: wholly, pointers: 'ALL' },
      ]),
    );
    const kept = await openSealed(log.owner, log.masterKey, partly);
    await log.owner.query('DELETE FROM vault.key; INSERT INTO vault.key SELECT * FROM backup');
    expect((await openSealed(log.owner, log.masterKey, partly)).erased).toEqual([]);

    const data = {
      erased: erased.map(({ pointers, position }) => ({
        pointers,
        positions: [[position, position]] as [number, number][],
      })),
      authority: 'a request',
    };
    expect(erased.map(({ position }) => position)).toEqual([first, first + 1]);
    const again = () =>
      withTransaction(log.pool, (tx) => eraseAgain(tx, { logId: DEFAULT_LOG_ID, masterKey: log.masterKey }, data));
    expect(await again()).toEqual({ events: 2, rejections: 0 });
    expect(await openSealed(log.owner, log.masterKey, partly)).toEqual(kept);
    expect(kept.values.size).toBeGreaterThan(3);
    expect((await openSealed(log.owner, log.masterKey, wholly)).values.size).toBe(0);
    expect(await again()).toEqual({ events: 0, rejections: 0 });
  });
});

describe('the keys of the vault', () => {
  let log: TestLog;
  beforeAll(async () => {
    log = await startLog();
  });
  afterAll(() => log.close());

  it('are useless without the master key', async () => {
    const event = await reportEvent(log, secretReport(1));
    await log.append([event]);
    const wrong = new MasterKey(Buffer.alloc(32, 8));
    await expect(openSealed(log.pool, wrong, event.eventId)).rejects.toMatchObject({ name: 'MasterKeyError' });
    await expect(loadSecrets(log.pool, wrong)).rejects.toMatchObject({ name: 'MasterKeyError' });
  });

  it('of the log itself are made once, by processes that start together too', async () => {
    const fresh = await startLog();
    await fresh.owner.query('DELETE FROM vault.secret');
    const made = await Promise.all(Array.from({ length: 8 }, () => loadSecrets(fresh.pool, fresh.masterKey)));
    await fresh.close();
    for (const { pseudonymKey, dedupKey, subjectKey } of made) {
      expect(pseudonymKey.equals(made[0]!.pseudonymKey)).toBe(true);
      expect(dedupKey.equals(made[0]!.dedupKey)).toBe(true);
      expect(subjectKey.equals(made[0]!.subjectKey)).toBe(true);
      expect(dedupKey.equals(pseudonymKey)).toBe(false);
    }
  });

  it('of the log itself are not made anew when it has messages already: it was restored without its vault', async () => {
    const restored = await startLog();
    await restored.append([await reportEvent(restored, secretReport(1))]);
    await restored.owner.query('DELETE FROM vault.secret');
    await expect(loadSecrets(restored.pool, restored.masterKey)).rejects.toMatchObject({ name: 'MasterKeyError' });
    expect((await restored.owner.query('SELECT FROM vault.secret')).rowCount).toBe(0);
    await restored.close();
  });

  it('of one person are made once by batches that race', async () => {
    const events = await Promise.all([1, 2, 3, 4].map((n) => reportEvent(log, secretReport(100 + n))));
    const shared = events.flatMap(({ sealed }) =>
      sealed.filter(({ boxes }) => boxes.includes('/confidential/victims/1')),
    );
    expect(shared).toHaveLength(4);
    expect(new Set(shared.map(({ keyId }) => keyId)).size).toBe(1);
  });
});
