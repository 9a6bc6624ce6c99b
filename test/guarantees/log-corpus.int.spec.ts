import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  canonicalize,
  type EventDataByType,
  type Leaf,
  parseLeaf,
  readEvents,
  SealedSnapshots,
  UnreadableLeafError,
} from '#app/log';
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
  IncidentsMerged: '75b9db765716c9f4febec7f4230be9b181f94fcf01fe5ef9adcfa528035dddf6',
  MergeReverted: 'b54ac6fa748b7c2c7c760c0d475f0e719f7fadb44aeba020eed815bb777a97a1',
  IncidentSplit: '13a4583ade0fbf74c2fb423d006760507ad207bfd9fb22395f80aaa44cce02da',
  IncidentVerified: 'da28e3f8d34f78ddcba21a6a6c82124b73a7ee05964ec979ae40cedf2c115a62',
  IncidentReclassified: 'ae4e15032e6f55a3abcc9c7a620295695990a1eb6eb9a5037c1685beb862a26e',
  IncidentRedated: '4127a45e67c70bee07e2fff8bd6dd36da898214a07dbbb9c99ca2732a5bf1ca7',
  IncidentRelocated: 'e41e27eb093759fd5b04e5ebdc6e19794b92db8c471cc65c4f70a09cab194ef9',
  IncidentRetracted: '79aac3193560f6a4602d13bb85942360671ba53c901237aa95af0f4cb5741d28',
  IncidentReinstated: '48af854daccff3fb13c61340f5d6805c04b7f5b9f286056ca54b5f9ee261355d',
  DuplicateRejected: '7e60f29fa102d678b584378bdb9ad528b4e78e4178e53c69c2987e19ef95d083',
  AggregatePublished: 'c3d8cd23e509fae87250dee96a93f013f79ac7ba3ea8b84052ed9b80d1e8f179',
  AggregateWithdrawn: 'f2eeb3149e95fecfbf129093b1a50601eb5b73c7aa81a2d26aa2592d89ca4735',
  TrendAsserted: '2c03e329c75154cefad4e1d8b31c1c293c00316027e203729c3d3dc7c7bffad0',
  TrendWithdrawn: '9d63e6f600b15bf71ac9645632039fb397f48047495cfe3c3ad547a6abf9f6db',
  SiteRecorded: 'f9a805f18d9a0a7dc0cfa31c3d42918a146827166aa06f2555ff735465265aae',
  SiteWithdrawn: '544b16b3efa07450b0ef7668c10b08801e9a3417a2ad878d99cdc448e5aed5a6',
  IncidentsPlaced: '45f92b6ebd7061b50951bf6a671509596b552cf9992e5e112f2e17cd0b658461',
  SnapshotSealed: 'f0ac0314fa733c23e9149cfc427079fca473d0a1dfa6b4afb0dbc0d569bc322a',
};
/** Shapes that a type has beside the one above. */
const PINNED_VARIANTS: [keyof EventDataByType, string][] = [
  // With a policy that is not built in.
  ['ConversionPolicyActivated', '5dcc3690529aed619c5a2ff32bd2a7fb971196b10f6d25e10a366be348a4d9d6'],
  // What the figures were at a snapshot that was sealed before.
  ['SnapshotSealed', 'f571a1778c06b975e5819621b8bca53e0b530c76cab2a05d7faf7d1fe8b613ff'],
];
const ALL_PINNED = [...(Object.entries(PINNED) as [keyof EventDataByType, string][]), ...PINNED_VARIANTS];

const leaves = ['leaves-v1.ndjson', 'leaves-v1-decisions.ndjson', 'leaves-v1-snapshots.ndjson'].flatMap((file) =>
  readFileSync(path.join(repositoryRoot(), 'test/guarantees/corpus', file), 'utf8')
    .trimEnd()
    .split('\n'),
);
const leafHash = (leaf: string) => createHash('sha256').update(Buffer.of(0)).update(leaf).digest('hex');
const byHash = new Map(leaves.map((leaf) => [leafHash(leaf), leaf]));
const leafOf = (type: keyof EventDataByType): string => byHash.get(PINNED[type])!;

describe('events of the past', () => {
  let log: TestLog;
  beforeAll(async () => {
    log = await startLog();
  });
  afterAll(() => log.close());

  it.each(ALL_PINNED)('%s has the hash it was published under: %s', (type, hash) => {
    expect(parseLeaf(byHash.get(hash)!).type).toBe(type);
  });

  it('are all there, each canonical to the byte', () => {
    expect(leaves).toHaveLength(ALL_PINNED.length);
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
    const recorded = parseLeaf(leafOf('ReportRecorded'));
    if (recorded.type !== 'ReportRecorded') throw new Error('not a report');
    expect(recorded.data.report.casualties!.map(({ measure, value }) => [measure, value.lo, value.hi])).toEqual([
      ['KILLED', 3, 3],
      ['INJURED', 5, null],
      ['KILLED', undefined, undefined],
    ]);
    expect(recorded.data.report.source.relayedFrom![0]!.name).toMatch(/^pseudonym:[\w-]{43}$/);
    expect(Object.keys(recorded.sd)).toHaveLength(10);
    expect(leafOf('ReportRecorded')).not.toContain('Committed.');
    expect(parseLeaf(leafOf('PersonalDataErased'))).toMatchObject({
      also: [{ stream: recorded.stream, streamVersion: 3 }],
      data: { erased: [{ pointers: ['', '/summary'], positions: [[4, 4]] }] },
    });
  });

  it('say what they said: a decision that names every incident, a figure without its reasons', () => {
    const merged = parseLeaf(leafOf('IncidentsMerged'));
    if (merged.type !== 'IncidentsMerged') throw new Error('not a merge');
    expect([merged.stream, ...merged.also!.map(({ stream }) => stream)]).toEqual([
      merged.data.survivor,
      ...merged.data.absorbed,
    ]);
    const published = parseLeaf(leafOf('AggregatePublished'));
    if (published.type !== 'AggregatePublished') throw new Error('not an aggregate');
    const { value, breakdown, coverageExclusions } = published.data.aggregate;
    expect([value.lo, breakdown!.map((part) => part.value.lo)]).toEqual([69, [29, 29, 5]]);
    expect(coverageExclusions).toEqual([{ code: 'IQ-AN' }]);
    expect(published.sd).toHaveProperty(['/coverageExclusions/0/reason']);
  });

  it('say what they said: a name for a position, and what the figures were there', () => {
    const snapshots = new SealedSnapshots();
    for (const leaf of leaves) snapshots.add(leaf);
    const [, digested] = leaves.map((leaf) => parseLeaf(leaf)).filter(({ type }) => type === 'SnapshotSealed');
    const sealed = parseLeaf(leafOf('SnapshotSealed'));
    expect(snapshots.list()).toMatchObject([
      { position: sealed.position, eventId: sealed.id, digests: { position: digested!.position, projection: 2 } },
    ]);
    expect(Object.keys(snapshots.list()[0]!.digests!.tables)).toHaveLength(9);
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
