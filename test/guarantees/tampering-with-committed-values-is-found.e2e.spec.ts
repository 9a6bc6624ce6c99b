import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eraseValues, prepareEvent, uuidV7 } from '#app/log';
import { withTransaction } from '#app/runtime';
import type { PoolClient } from 'pg';
import type { TestLog } from '../support/log.js';
import { seal } from '../../libs/log/src/sealing.js';
import { asOwner } from '../support/owner.js';
import { PublishedLog } from '../support/published-log.js';

// The command line is a process of its own, and both cores may be busy.
jest.setTimeout(120_000);

/** With LogCreated and the activations 44 events. */
const REPORTS = 40;
const SIZE = REPORTS + 4;
const AT = 20;
const EVENT = `(SELECT event_id FROM ledger.event WHERE position = ${AT})`;

/** Erases as a decision does, and records of it what is given. */
async function erase(log: TestLog, pointers: string[], recorded: (erased: string[]) => string[]): Promise<void> {
  await withTransaction(log.pool, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(`SELECT ${EVENT} AS id`);
    const [erased] = await eraseValues(tx, log.masterKey, [{ eventId: rows[0]!.id, pointers }]);
    expect(erased).toMatchObject({ position: AT });
    const data = {
      erased: [{ pointers: recorded(erased!.pointers), positions: [[AT, AT] as [number, number]] }],
      authority: 'a court',
    };
    const event = prepareEvent(
      { type: 'PersonalDataErased', data, stream: uuidV7(), streamVersion: 1, actor: 'steward', source: null },
      { log: log.head.log, masterKey: log.masterKey },
    );
    await log.append([event]);
  });
}

/** Puts another value where one was committed to, with all keys at hand: sealed as it should be, but for the leaf. */
async function sealAnother(tx: PoolClient, log: TestLog): Promise<void> {
  const { rows } = await tx.query<{ event_id: string; boxes: string; wrapped: Buffer }>(
    `SELECT s.event_id, s.boxes, k.wrapped FROM ledger.sealed s JOIN vault.key k USING (key_id)
      WHERE s.event_id = ${EVENT} AND s.key_id = s.event_id`,
  );
  const [{ event_id: eventId, boxes, wrapped }] = rows as [(typeof rows)[0]];
  const key = log.masterKey.unwrap(eventId, wrapped);
  const opening = Buffer.concat([Buffer.alloc(16, 1), Buffer.from('["/summary","a forged summary"]')]);
  const box = seal({ log: log.head.log, eventId, pointer: '/summary' }, opening, key).toString('base64url');
  const forged = JSON.stringify({ ...(JSON.parse(boxes) as object), '/summary': box });
  await tx.query('UPDATE ledger.sealed SET boxes = $1 WHERE event_id = $2 AND key_id = $2', [forged, eventId]);
}

describe('what an owner of the database does to values that leaves committed to', () => {
  let whole: PublishedLog;
  beforeAll(async () => {
    whole = await PublishedLog.start();
    await whole.record(REPORTS);
    expect(await whole.publish()).toBe(SIZE);
  });
  afterAll(() => whole.close());

  async function foundAfter(work: (log: TestLog) => Promise<unknown>, ...args: string[]): Promise<unknown[]> {
    const altered = await whole.backUp({ withFolder: true });
    try {
      await work(altered.log);
      const { code, found, output } = await altered.verify('--database', ...args);
      expect([code, output]).toEqual([found.length === 0 ? 0 : 1, expect.any(String)]);
      return found.map(({ name, kind, position }) => [name, kind, position]);
    } finally {
      await altered.close();
    }
  }
  const owner =
    (statement: string) =>
    (log: TestLog): Promise<void> =>
      asOwner(log.owner, async (tx) => void (await tx.query(statement)));

  it('is nothing at first, nor is an erasure that the log tells of', async () => {
    expect(await foundAfter(async () => undefined, '--sealed')).toEqual([]);
    expect(await foundAfter((log) => erase(log, ['/summary'], (pointers) => pointers), '--sealed')).toEqual([]);
  });

  it.each([
    ['the key of an event is deleted', `DELETE FROM vault.key WHERE key_id = ${EVENT}`],
    ['its sealed values are deleted', `DELETE FROM ledger.sealed WHERE event_id = ${EVENT}`],
    ['its boxes are emptied', `UPDATE ledger.sealed SET boxes = '{}' WHERE event_id = ${EVENT}`],
    ['its boxes are no JSON any more', `UPDATE ledger.sealed SET boxes = 'null' WHERE event_id = ${EVENT}`],
  ])('is named by its position: %s', async (_what, statement) => {
    expect(await foundAfter(owner(statement))).toEqual([['committed', 'LOST', AT]]);
  });

  it('is named where a person was erased by hand: at every event that told of them', async () => {
    const found = await foundAfter(
      owner('DELETE FROM vault.key WHERE key_id IN (SELECT key_id FROM ledger.sealed GROUP BY 1 HAVING count(*) > 1)'),
      '--limit',
      '3',
    );
    expect(found).toEqual([4, 5, 6].map((position) => ['committed', 'LOST', position]));
  });

  it('is named where more was erased than the log tells', async () => {
    const found = await foundAfter((log) =>
      erase(log, ['/summary', '/tags/0'], (pointers) => pointers.filter((one) => one !== '/tags/0')),
    );
    expect(found).toEqual([['committed', 'LOST', AT]]);
  });

  it('is named where less was erased than the log tells: a key came back', async () => {
    const found = await foundAfter((log) => erase(log, ['/summary'], (pointers) => [...pointers, '/tags/0']));
    expect(found).toEqual([['committed', 'NOT_ERASED', AT]]);
  });

  it('is named with the master key: another value, a box of another event, another key', async () => {
    const forge = (log: TestLog): Promise<void> => asOwner(log.owner, (tx) => sealAnother(tx, log));
    expect(await foundAfter(forge)).toEqual([]);
    expect(await foundAfter(forge, '--sealed')).toEqual([['committed', 'SEAL_BROKEN', AT]]);
    const other = `(SELECT event_id FROM ledger.event WHERE position = ${AT + 1})`;
    const moved = `UPDATE ledger.sealed s SET boxes = o.boxes FROM ledger.sealed o
                    WHERE s.event_id = ${EVENT} AND s.key_id = s.event_id AND o.event_id = ${other} AND o.key_id = o.event_id`;
    expect(await foundAfter(owner(moved), '--sealed')).toEqual([['committed', 'SEAL_BROKEN', AT]]);
    const replaced = `UPDATE vault.key SET wrapped = (SELECT wrapped FROM vault.key WHERE key_id = ${other}) WHERE key_id = ${EVENT}`;
    expect(await foundAfter(owner(replaced), '--sealed')).toEqual([['committed', 'SEAL_BROKEN', AT]]);
  });
});
