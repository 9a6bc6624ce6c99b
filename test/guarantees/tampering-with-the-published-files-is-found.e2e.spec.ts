import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  decodeBundle,
  encodeBundle,
  formatCheckpoint,
  formatNote,
  HASH_BYTES,
  leafHash,
  NoteSigner,
  rootOf,
  splitHashes,
} from '#app/transparency';
import { type Found, PublishedLog } from '../support/published-log.js';

// The command line is a process of its own, and both cores may be busy.
jest.setTimeout(120_000);

/** With LogCreated and the activations 604 events: two full tiles and a partial one. */
const REPORTS = 600;
const SIZE = REPORTS + 4;

interface Tampering {
  what: string;
  as: (log: PublishedLog) => void;
  found: Found;
}

const edit = (file: string, change: (bytes: Buffer) => Buffer) => (log: PublishedLog) => {
  const name = path.join(log.tiles, file);
  writeFileSync(name, change(readFileSync(name)));
};

/** Turns one bit in a hash of a tile. */
const inHash = (index: number) => (bytes: Buffer) => {
  bytes.writeUInt8(bytes.readUInt8(index * HASH_BYTES + 7) ^ 1, index * HASH_BYTES + 7);
  return bytes;
};

const inBundle =
  (width: number, change: (leaves: Buffer[]) => void) =>
  (bytes: Buffer): Buffer => {
    const leaves = decodeBundle(bytes, width);
    change(leaves);
    return encodeBundle(leaves);
  };

const lower = (leaf: Buffer | undefined): Buffer => Buffer.from(String(leaf).replace('"lo":3', '"lo":2'));

/** Changes a leaf and everything above it: what is left is the signed root. */
function rewriteUpToTheRoot(log: PublishedLog): void {
  let changed: Buffer = Buffer.alloc(0);
  let tile: Buffer = Buffer.alloc(0);
  edit(
    'tile/entries/000',
    inBundle(256, (leaves) => (changed = leaves[77] = lower(leaves[77]))),
  )(log);
  edit('tile/0/000', (bytes) => (tile = Buffer.concat(splitHashes(bytes).with(77, leafHash(changed)))))(log);
  edit('tile/1/000.p/2', (bytes) => Buffer.concat([rootOf(splitHashes(tile)), bytes.subarray(HASH_BYTES)]))(log);
}

/** A checkpoint of any root, by the log's own key or by another one of its name. */
function sign(log: PublishedLog, { root, signer = log.signer }: { root?: Buffer; signer?: NoteSigner }): void {
  const [origin = '', , published = ''] = log.checkpoint().split('\n');
  const text = formatCheckpoint({ origin, size: SIZE, root: root ?? Buffer.from(published, 'base64') });
  writeFileSync(path.join(log.tiles, 'checkpoint'), formatNote({ text, signatures: [signer.sign(text, new Date())] }));
}

const TAMPERINGS: readonly Tampering[] = [
  {
    what: 'one bit of a full tile',
    as: edit('tile/0/001', inHash(10)),
    found: { name: 'tree', kind: 'TILE_CHANGED', path: 'tile/0/001', position: 266 },
  },
  {
    what: 'one bit of a partial tile',
    as: edit('tile/0/002.p/92', inHash(5)),
    found: { name: 'tree', kind: 'TILE_CHANGED', path: 'tile/0/002.p/92', position: 517 },
  },
  {
    what: 'one bit of a tile above them',
    as: edit('tile/1/000.p/2', inHash(1)),
    found: { name: 'tree', kind: 'TILE_CHANGED', path: 'tile/1/000.p/2', position: 256 },
  },
  {
    what: 'a leaf in a bundle',
    as: edit(
      'tile/entries/001',
      inBundle(256, (leaves) => (leaves[44] = lower(leaves[44]))),
    ),
    found: { name: 'tree', kind: 'ENTRY_CHANGED', position: 300 },
  },
  {
    what: 'the leaves of a bundle, in another order',
    as: edit(
      'tile/entries/002.p/92',
      inBundle(92, (leaves) => leaves.push(...leaves.splice(0, 1))),
    ),
    found: { name: 'tree', kind: 'ENTRY_CHANGED', position: 512 },
  },
  {
    what: 'a tile that is taken away',
    as: (log) => rmSync(path.join(log.tiles, 'tile/0/001')),
    found: { name: 'tree', kind: 'MISSING', path: 'tile/0/001' },
  },
  {
    what: 'a bundle that is taken away',
    as: (log) => rmSync(path.join(log.tiles, 'tile/entries/001')),
    found: { name: 'tree', kind: 'MISSING', path: 'tile/entries/001' },
  },
  {
    what: 'a leaf and every tile above it',
    as: rewriteUpToTheRoot,
    found: { name: 'tree', kind: 'ROOT' },
  },
  {
    what: 'the checkpoint, signed by another key of the same name',
    as: (log) => sign(log, { signer: NoteSigner.generate('ledger.example/log', 'LOG') }),
    found: { name: 'checkpoint', kind: 'SIGNATURE' },
  },
  {
    what: 'the checkpoint, signed by the log for a root that is not that of the tiles',
    as: (log) => sign(log, { root: Buffer.alloc(HASH_BYTES, 1) }),
    found: { name: 'tree', kind: 'ROOT' },
  },
];

describe('what somebody does to the published files', () => {
  let whole: PublishedLog;
  /** As an auditor has kept them. */
  let kept: { early: string; late: string };
  beforeAll(async () => {
    whole = await PublishedLog.start();
    await whole.record(REPORTS / 2);
    await whole.publish();
    const early = whole.keep('early', whole.checkpoint());
    await whole.record(REPORTS / 2);
    expect(await whole.publish()).toBe(SIZE);
    kept = { early, late: whole.keep('late', whole.checkpoint()) };
  });
  afterAll(() => whole.close());

  it('is nothing at first', async () => {
    const { early, late } = kept;
    expect(await whole.verify('--checkpoint', early, '--checkpoint', late)).toMatchObject({ code: 0, found: [] });
  });

  it.each(TAMPERINGS)('is found: $what', async ({ as, found }) => {
    const altered = whole.withCopiedFolder();
    as(altered);
    const verified = await altered.verify();
    expect([verified.found[0], verified.output]).toMatchObject([found, expect.any(String)]);
    expect(verified.code).toBe(1);
  });

  it('is named by its position with the database beside it, also when every tile was made to fit', async () => {
    const altered = whole.withCopiedFolder();
    rewriteUpToTheRoot(altered);
    const { code, found } = await altered.verify('--database');
    expect(code).toBe(1);
    expect(found).toContainEqual(expect.objectContaining({ name: 'database', position: 77 }));
  });

  it('is found when an old checkpoint is put in the place of a later one, by who has seen the later one', async () => {
    const altered = whole.withCopiedFolder();
    writeFileSync(path.join(altered.tiles, 'checkpoint'), readFileSync(kept.early));
    expect(await altered.verify('--checkpoint', kept.early)).toMatchObject({ code: 0 });
    expect(await altered.verify('--checkpoint', kept.late)).toMatchObject({
      code: 1,
      found: [{ name: 'consistency', kind: 'ROLLED_BACK' }],
    });
    // And it does not stay there: a notary publishes again what it signed last.
    expect(await altered.publish()).toBe(SIZE);
    expect(altered.checkpoint()).toBe(readFileSync(kept.late, 'utf8'));
  });

  it('is found when the owner of everything, the key included, writes another history, by who has seen an earlier one', async () => {
    const other = await PublishedLog.start();
    try {
      writeFileSync(other.keyFile, readFileSync(whole.keyFile), { mode: 0o600 });
      writeFileSync(other.vkeyFile, readFileSync(whole.vkeyFile));
      await other.record(REPORTS + 50);
      await other.publish();
      expect(await other.verify('--database')).toMatchObject({ code: 0 });
      for (const checkpoint of Object.values(kept)) {
        expect(await other.verify('--checkpoint', checkpoint)).toMatchObject({
          code: 1,
          found: [{ name: 'consistency', kind: 'FORKED' }],
        });
      }
    } finally {
      await other.close();
    }
  });
});
