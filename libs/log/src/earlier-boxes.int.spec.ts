import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { withTransaction } from '#app/runtime';
import { reportEvent, secretReport, startLog, type TestLog } from '../../../test/support/log.js';
import { eraseValues } from './erasing.js';
import { openPayloadSalt, openSealed } from './opening.js';
import { seal, sealValue } from './sealing.js';

// Databases are made, and both cores may be busy with other specs.
jest.setTimeout(60_000);

describe('an event that an earlier version sealed, with a wrapped key and a box for each value', () => {
  let log: TestLog;
  beforeAll(async () => {
    log = await startLog();
  });
  afterAll(() => log.close());

  /** As versions before docs/adr/0017 wrote it. */
  async function recordAsBefore(n: number): Promise<string> {
    const event = await reportEvent(log, secretReport(n), { offset: n });
    const { eventId } = event;
    const key = Buffer.alloc(32, n);
    const boxOf = (pointer: string, value: string): string =>
      sealValue({ log: log.head.log, eventId, pointer }, value, key).box;
    const salt = seal({ log: log.head.log, eventId, pointer: '' }, Buffer.alloc(16, n), key).toString('base64url');
    const boxes = { '': salt, '/summary': boxOf('/summary', 'then'), '/tags/0': boxOf('/tags/0', 'a tag') };
    const own = { keyId: eventId, boxes: JSON.stringify(boxes) };
    const others = event.sealed.filter(({ keyId }) => keyId !== eventId);
    const wrappedKey = log.masterKey.wrap(eventId, key).toString('base64');
    await log.append([{ ...event, wrappedKey, sealed: [own, ...others] }]);
    return eventId;
  }

  it('is read and erased as ever, value by value', async () => {
    const eventId = await recordAsBefore(1);
    expect((await openSealed(log.pool, log.masterKey, eventId)).values.get('/summary')).toBe('then');
    expect(await openPayloadSalt(log.pool, log.masterKey, eventId)).toEqual(Buffer.alloc(16, 1));
    const [erased] = await withTransaction(log.pool, (tx) =>
      eraseValues(tx, log.masterKey, [{ eventId, pointers: ['/summary'] }]),
    );
    expect(erased?.pointers).toEqual(['', '/summary']);
    const after = await openSealed(log.owner, log.masterKey, eventId);
    expect(after.erased).toEqual(['/summary']);
    expect(after.values.get('/tags/0')).toBe('a tag');
    expect(await openPayloadSalt(log.pool, log.masterKey, eventId)).toBeNull();
  });
});

describe('an event without values, which has no row beside its key', () => {
  let log: TestLog;
  beforeAll(async () => {
    log = await startLog();
  });
  afterAll(() => log.close());

  it('loses the salt of its payload with its key, once, and tells so', async () => {
    const { reportId, revision, incident, publishedAt, occurred, place } = secretReport(3);
    const event = await reportEvent(log, {
      reportId,
      revision,
      incident,
      publishedAt,
      occurred,
      place,
      source: { name: 'Desk', kind: 'MEDIA_NATIONAL' },
      classification: { incidentType: 'IED_ATTACK' },
    });
    const position = await log.append([event]);
    const { eventId } = event;
    const { rows } = await log.owner.query('SELECT FROM ledger.sealed WHERE event_id = $1', [eventId]);
    expect(rows).toHaveLength(0);
    expect(await openPayloadSalt(log.pool, log.masterKey, eventId)).toHaveLength(16);
    const erase = () =>
      withTransaction(log.pool, (tx) => eraseValues(tx, log.masterKey, [{ eventId, pointers: 'ALL' }]));
    expect(await erase()).toEqual([{ eventId, position, pointers: [''] }]);
    expect(await openPayloadSalt(log.owner, log.masterKey, eventId)).toBeNull();
    expect(await erase()).toEqual([]);
  });
});
