import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { Report } from '#app/domain';
import {
  canonicalize,
  findDeliveries,
  identityOf,
  incidentIdOf,
  openPayloadSalt,
  openSealed,
  parseLeaf,
  readEvents,
  type RecordedEvent,
} from '#app/log';
import { createPool } from '#app/runtime';
import { CE_SOURCE, reportEvent, secretReport, startLog, type TestLog } from '../support/log.js';

// Databases are made, and both cores may be busy with other specs.
jest.setTimeout(60_000);

const REPORTS = 300;

/** Every text and every number with a fraction that the report holds, wherever it is. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' && !Number.isInteger(value)) return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** What a guesser can compute of a guess without any key, in the encodings one would look for. */
function hashesOf(pointer: string, value: unknown): string[] {
  const candidates = [canonicalize([pointer, value]), canonicalize(value), typeof value === 'string' ? value : ''];
  return candidates.flatMap((text) =>
    ['sha1', 'sha256', 'sha512', 'md5'].flatMap((algorithm) => {
      const digest = createHash(algorithm).update(text).digest();
      return [digest.toString('hex'), digest.toString('base64url'), digest.toString('base64')];
    }),
  );
}

describe('leaves', () => {
  let log: TestLog;
  const reports: Report[] = [];
  let leaves: string[] = [];
  let events: RecordedEvent[] = [];

  beforeAll(async () => {
    log = await startLog();
    for (let n = 0; n < REPORTS; n += 1) {
      // Characters that need escapes, other scripts, surrogate pairs, numbers with exponents.
      const report = secretReport(n);
      report.place = {
        name: `ﺍﻟﻤﻮﺻﻞ "\\\u007f\u2028 😀 ${n}\n`,
        latitude: 1e-7 * n,
        longitude: 43.13,
        precision: 'SETTLEMENT',
      };
      reports.push(report);
    }
    for (let at = 0; at < REPORTS; at += 100) {
      const batch = reports.slice(at, at + 100);
      await log.append(await Promise.all(batch.map((report, i) => reportEvent(log, report, { offset: at + i }))));
    }
    leaves = (await readEvents(log.pool, { after: 3, limit: REPORTS })).map(({ leaf }) => leaf);
    events = leaves.map((leaf) => parseLeaf(leaf));
  });
  afterAll(() => log.close());

  it('are canonical to the byte: leaf = JCS(parse(leaf)), with exactly the members of the envelope', async () => {
    const all = await readEvents(log.pool, { after: -1, limit: 1000 });
    expect(all).toHaveLength(REPORTS + 4);
    for (const { leaf } of all) expect(canonicalize(JSON.parse(leaf))).toBe(leaf);
    expect(Object.keys(events[0]!)).toEqual(
      ['actor', 'causationId', 'correlationId', 'data', 'id', 'log', 'occurred', 'position', 'recordedAt'].concat([
        'sd',
        'source',
        'stream',
        'streamVersion',
        'type',
        'v',
      ]),
    );
  });

  it('agree with the typed extracts beside them', async () => {
    const { rows } = await log.owner.query('SELECT * FROM ledger.event WHERE position > 3 ORDER BY position');
    for (const [index, row] of rows.entries()) {
      const event = events[index]!;
      expect(row).toMatchObject({
        position: event.position,
        event_id: event.id,
        type: event.type,
        stream_id: event.stream,
        stream_version: event.streamVersion,
        ce_source: event.source?.ceSource,
        ce_id: event.source?.ceId,
        source_offset: event.source?.offset,
        report_id: reports[index]!.reportId,
        revision: 1,
      });
      expect(event.recordedAt).toBe((row.recorded_at as Date).toISOString());
    }
  });

  it('hold no committed value, and none can be confirmed by hashing a guess', async () => {
    const everything = leaves.join('\n');
    expect(/secret|victim-|36\.3401|43\.1302/i.exec(everything)).toBeNull();
    for (const [index, report] of reports.entries()) {
      const { values, erased } = await openSealed(log.pool, log.masterKey, events[index]!.id);
      expect(erased).toEqual([]);
      expect(values.size).toBe(17);
      for (const [pointer, value] of values) {
        for (const text of textsOf(value)) expect(everything.includes(text)).toBe(false);
        if (index < 20) for (const hash of hashesOf(pointer, value)) expect(everything.includes(hash)).toBe(false);
      }
      const raw = createHash('sha256').update(JSON.stringify(report)).digest();
      for (const encoding of ['hex', 'base64', 'base64url'] as const) {
        expect(everything.includes(raw.toString(encoding))).toBe(false);
      }
    }
  });

  it('commit to the same value with another digest each time, so equal values cannot be matched', () => {
    const digests = events.flatMap(({ sd }) => Object.values(sd));
    expect(new Set(digests).size).toBe(digests.length);
    expect(digests).toHaveLength(17 * REPORTS);
    expect(new Set(events.map(({ source }) => source!.payloadCommitment)).size).toBe(REPORTS);
  });

  it('commit to what was sealed: every digest and the payload commitment check, from outside', async () => {
    const { rows } = await log.owner.query('SELECT count(*)::int AS n FROM ledger.sealed');
    // One row per event and key: the event's own, the two victims'.
    expect(rows[0].n).toBe(3 * REPORTS);
    for (const index of [0, 150, REPORTS - 1]) {
      const { id, sd, source } = events[index]!;
      const { values } = await openSealed(log.pool, log.masterKey, { eventId: id, sd });
      expect([...values.keys()].toSorted()).toEqual(Object.keys(sd).toSorted());
      const report = reports[index]!;
      expect(values.get('/summary')).toBe(report.summary);
      expect(values.get('/tags/1')).toBe(report.tags![1]);
      expect(values.get('/source/name')).toBe(report.source.name);
      expect(values.get('/actors/0/by/name')).toBe(report.actors![0]!.by!.name);
      expect(values.get('/confidential/victims/0')).toEqual(report.confidential!.victims![0]);
      const salt = (await openPayloadSalt(log.pool, log.masterKey, id))!;
      const commitment = createHash('sha256').update(salt).update(JSON.stringify(report)).digest('base64url');
      expect(source!.payloadCommitment).toBe(commitment);
    }
  });

  it('let query-api open values with its own rights', async () => {
    const pool = createPool(log.url, { role: 'ledger_query', max: 1 });
    try {
      const { values } = await openSealed(pool, log.masterKey, events[7]!.id, ['/summary', '/tags/0']);
      expect(Object.fromEntries(values)).toEqual({ '/summary': 'secret summary 7', '/tags/0': 'secret tag 7' });
    } finally {
      await pool.end();
    }
  });

  it('show a box that was moved or changed', async () => {
    const [first, second] = [events[0]!, events[1]!];
    const other = { eventId: first.id, sd: { ...first.sd, '/summary': second.sd['/summary']! } };
    await expect(openSealed(log.pool, log.masterKey, other)).rejects.toMatchObject({ name: 'SealBrokenError' });
    const client = await log.owner.connect();
    try {
      await client.query('BEGIN');
      await client.query('ALTER TABLE ledger.sealed DISABLE TRIGGER append_only');
      await client.query(
        `UPDATE ledger.sealed a SET boxes = replace(a.boxes, '"/tags/0":', '"/tags/9":') WHERE event_id = $1`,
        [first.id],
      );
      await expect(openSealed(client, log.masterKey, first.id)).rejects.toMatchObject({ name: 'SealBrokenError' });
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it('are found again by stream and by delivery', async () => {
    const streams = [0, 1, 2].map((n) => incidentIdOf(CE_SOURCE, `mosul-${n}`));
    const [row] = await readEvents(log.pool, { after: -1, limit: 5, stream: streams[2]! });
    expect(row!.leaf).toBe(leaves[2]);
    const identity = identityOf(CE_SOURCE, 'mosul-eye-2/1');
    const found = await findDeliveries(log.pool, [identity, identityOf(CE_SOURCE, 'never')]);
    expect([...found.keys()]).toEqual([identity]);
    expect(found.get(identity)!.position).toBe(6);
  });
});
