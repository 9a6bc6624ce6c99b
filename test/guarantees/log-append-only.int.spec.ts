import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readHead, reportNameOf } from '#app/log';
import { CE_SOURCE, gapEvent, reportEvent, secretReport, startLog, type TestLog } from '../support/log.js';

// Databases are made, and both cores may be busy with other specs.
jest.setTimeout(60_000);

const TABLES = [
  'event',
  'event_stream',
  'delivery',
  'report_home',
  'duplicate',
  'sealed',
  'rejection',
  'rejection_resolution',
];

describe('the log only grows', () => {
  let log: TestLog;
  beforeAll(async () => {
    log = await startLog();
    const report = secretReport(1);
    const newReport = reportNameOf(CE_SOURCE, report.reportId);
    await log.append([{ ...(await reportEvent(log, report)), newReport }]);
    await log.owner.query(
      `INSERT INTO ledger.duplicate (cursor_id, source_offset, identity) VALUES (1, 1, gen_random_uuid())`,
    );
    await log.owner.query(
      `INSERT INTO ledger.rejection (rejection_id, event_id, cursor_id, source_offset, stage, code, problems, message_bytes, key_id, box)
       VALUES (gen_random_uuid(), gen_random_uuid(), 1, 1, 'DECODE', 'NOT_JSON', '[]', 1, gen_random_uuid(), '')`,
    );
    await log.owner.query(
      `INSERT INTO ledger.rejection_resolution (rejection_id, resolution, event_id) SELECT rejection_id, 'DISCARDED', gen_random_uuid() FROM ledger.rejection`,
    );
  });
  afterAll(() => log.close());

  const column: Record<string, string> = {
    duplicate: 'identity',
    report_home: 'stream_id',
    rejection: 'code',
    rejection_resolution: 'event_id',
  };
  const update = (table: string) => {
    const name = column[table] ?? (table === 'sealed' ? 'boxes' : 'position');
    return `UPDATE ledger.${table} SET ${name} = ${name}`;
  };

  describe.each(TABLES)('ledger.%s', (table) => {
    it.each([
      ['UPDATE', update(table)],
      ['DELETE', `DELETE FROM ledger.${table}`],
      ['TRUNCATE', `TRUNCATE ledger.${table} CASCADE`],
    ])('is refused %s by grant, and a superuser by trigger', async (_, statement) => {
      await expect(log.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
      await expect(log.owner.query(statement)).rejects.toMatchObject({ code: '23001' });
      const { rows } = await log.owner.query(`SELECT count(*)::int AS n FROM ledger.${table}`);
      expect(rows[0].n).toBeGreaterThan(0);
    });
  });

  it('refuses them in a session that says it is a replica, and on a partition by its own name', async () => {
    const client = await log.owner.connect();
    try {
      await client.query(`SET session_replication_role = replica`);
      await expect(client.query(`DELETE FROM ledger.event`)).rejects.toMatchObject({ code: '23001' });
      await expect(client.query(`UPDATE ledger.event_from_0 SET leaf = leaf`)).rejects.toMatchObject({ code: '23001' });
      await expect(client.query(`TRUNCATE ledger.event_from_0`)).rejects.toMatchObject({ code: '23001' });
    } finally {
      client.release(true);
    }
    await expect(log.pool.query(`DELETE FROM ledger.event_from_0`)).rejects.toMatchObject({ code: '42501' });
  });

  it('lets the head go forward only', async () => {
    const before = await readHead(log.pool);
    await expect(log.pool.query(`UPDATE ledger.head SET next_position = 0`)).rejects.toMatchObject({ code: '23001' });
    await expect(log.owner.query(`DELETE FROM ledger.head`)).rejects.toMatchObject({ code: '23001' });
    await expect(
      log.pool.query(`UPDATE ledger.head SET recorded_at = recorded_at - interval '1 second'`),
    ).rejects.toMatchObject({ code: '23001' });
    expect(await readHead(log.pool)).toEqual(before);
  });

  it('refuses a leaf above 61,440 bytes and a type that is not on the list', async () => {
    const row = `(1, 99, gen_random_uuid(), $1, gen_random_uuid(), 1, now(), $2)`;
    const insert = `INSERT INTO ledger.event (log_id, position, event_id, type, stream_id, stream_version, recorded_at, leaf) VALUES ${row}`;
    await expect(log.pool.query(insert, ['LogCreated', 'x'.repeat(61_441)])).rejects.toMatchObject({
      constraint: 'event_leaf_fits_a_bundle',
    });
    await expect(log.pool.query(insert, ['LogDeleted', '{}'])).rejects.toMatchObject({
      constraint: 'event_type_is_known',
    });
  });

  it('leaves nothing behind of a transaction that fails', async () => {
    const before = await readHead(log.pool);
    const stream = randomUUID();
    const twice = [gapEvent(log, { stream, streamVersion: 1 }), gapEvent(log, { stream, streamVersion: 1 })];
    await expect(log.append(twice)).rejects.toMatchObject({ name: 'ConcurrencyError' });
    expect(await readHead(log.pool)).toEqual(before);
    expect(await log.append([gapEvent(log, { stream, streamVersion: 1 })])).toBe(before.position + 1);
  });
});
