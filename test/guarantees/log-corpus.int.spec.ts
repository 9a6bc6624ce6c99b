import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { canonicalize, type EventDataByType, type Leaf, parseLeaf, readEvents, UnreadableLeafError } from '#app/log';
import { repositoryRoot } from '#app/runtime';
import { startLog, type TestLog } from '../support/log.js';

// Databases are made, and both cores may be busy with other specs.
jest.setTimeout(60_000);

/**
 * One leaf of every shape that was ever written, frozen, with its RFC 6962 leaf hash: SHA-256(0x00 ‖ leaf). A hash is
 * never changed here: a new shape is a new type or envelope, a new line in a new file, and an upcaster for the old one.
 */
const PINNED: Record<keyof EventDataByType, string> = {
  LogCreated: 'd2d5e265eceb0cf447fbc3cb79bce32927b1f7722f00dc555030a76cab614fb0',
  BoundarySetActivated: 'c08fe075244a96ffc30a5c60905484b6f855abfe5f7f8c4a7bda554a931ddf81',
  ConversionPolicyActivated: '7493df53a2d3a97bd8e780b58fd7f70198a410253cbdbfeef74ff109e35324f1',
  ProjectionActivated: '3a0164585ee179526286bc1a1ce4f7f05605a3d10d7b1334ab1e841525650e69',
  ReportRecorded: 'ecd717131feef33c34bc0edb94d9f52f8acbc6ac92655f4edfdbb88f0d186385',
  ReportWithdrawn: '3faab9372d7af2d0e19ff5353ecd904ebb9b49faa176882ac3b8b43191d4bcd3',
  ReportRejected: '9c28ef3553b8e018612769d7018f09885dd8aa4a33617298231870282c63a8f6',
  RejectionRequeued: '299328b40511649ca73c354fd4c6057d5e779bcb9655509b9ad2282c06e517c4',
  RejectionDiscarded: '57568e97a1bfaf67e9cb2df54d21cadc13554c033b2f29e1f568a5eccd441dca',
  DeliveryGapRecorded: 'cca1e556d330dae0e280b06a7f8a69d20238b202caaac3b0577bc355329efb78',
  PersonalDataErased: '640a73a490c837737ad8ebb0afbd949bbb268695ca1c47e7a89510f455e58cd2',
};

const leaves = readFileSync(path.join(repositoryRoot(), 'test/guarantees/corpus/leaves-v1.ndjson'), 'utf8')
  .trimEnd()
  .split('\n');
const leafHash = (leaf: string) => createHash('sha256').update(Buffer.of(0)).update(leaf).digest('hex');
const byType = Object.fromEntries(leaves.map((leaf) => [parseLeaf(leaf).type, leaf]));

describe('events of the past', () => {
  let log: TestLog;
  beforeAll(async () => {
    log = await startLog();
  });
  afterAll(() => log.close());

  it.each(Object.entries(PINNED))('%s has the hash it was published under', (type, hash) => {
    expect(leafHash(byType[type]!)).toBe(hash);
  });

  it('are all there, each canonical to the byte', () => {
    expect(leaves).toHaveLength(Object.keys(PINNED).length);
    for (const leaf of leaves) expect(canonicalize(JSON.parse(leaf))).toBe(leaf);
  });

  it('load from the database as they were written', async () => {
    const offset = 100;
    for (const [index, leaf] of leaves.entries()) {
      const { id, type, stream, streamVersion, recordedAt } = parseLeaf(leaf);
      await log.owner.query(
        `INSERT INTO ledger.event (log_id, position, event_id, type, stream_id, stream_version, recorded_at, leaf)
         VALUES (2, $1, $2, $3, $4, $5, $6, $7)`,
        [offset + index, id, type, stream, streamVersion, recordedAt, leaf],
      );
    }
    const rows = await readEvents(log.pool, { after: -1, limit: 100, logId: 2 });
    expect(rows.map(({ leaf }) => leafHash(leaf))).toEqual(leaves.map(leafHash));
    const events = rows.map(({ leaf }) => parseLeaf(leaf));
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(Object.keys(PINNED)));
    for (const [index, { recordedAt }] of events.entries()) {
      expect(rows[index]!.recordedAt.toISOString()).toBe(recordedAt);
    }
  });

  it('say what they said: a report, its committed values by digest only, its withdrawal', () => {
    const recorded = parseLeaf(byType['ReportRecorded']!);
    if (recorded.type !== 'ReportRecorded') throw new Error('not a report');
    expect(recorded.data.report.casualties!.map(({ measure, value }) => [measure, value.lo, value.hi])).toEqual([
      ['KILLED', 3, 3],
      ['INJURED', 5, null],
      ['KILLED', undefined, undefined],
    ]);
    expect(recorded.data.report.source.relayedFrom![0]!.name).toMatch(/^pseudonym:[\w-]{43}$/);
    expect(Object.keys(recorded.sd)).toHaveLength(10);
    expect(byType['ReportRecorded']).not.toContain('Committed.');
    expect(parseLeaf(byType['PersonalDataErased']!)).toMatchObject({
      also: [{ stream: recorded.stream, streamVersion: 3 }],
      data: { erased: [{ pointers: ['', '/summary'], positions: [[4, 4]] }] },
    });
  });

  it('of another envelope or an unknown type are refused, never guessed', () => {
    const leaf = JSON.parse(leaves[0]!) as Leaf;
    for (const changed of [{ ...leaf, v: 2 }, { ...leaf, type: 'LogDeleted' }, [], null]) {
      expect(() => parseLeaf(JSON.stringify(changed))).toThrow(UnreadableLeafError);
    }
    expect(() => parseLeaf('{')).toThrow(UnreadableLeafError);
  });

  it('of an old shape are read through an upcaster to the new one', () => {
    const old = JSON.stringify({ ...(JSON.parse(leaves[0]!) as Leaf), type: 'LogMade' });
    const upcasters = new Map([['LogMade', (leaf: Leaf): Leaf => ({ ...leaf, type: 'LogCreated' })]]);
    expect(parseLeaf(old, upcasters).type).toBe('LogCreated');
  });
});
