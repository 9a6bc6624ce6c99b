import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EMPTY_ROOT, leafHash, leafHashes, nodeHash, rootOf, rootOver, splitHashes } from './hashing.js';
import { isConsistent, rootOfInclusion, TreeProver } from './proofs.js';
import { edgeTiles, hashesAt, parseTilePath, type Tile, TILE_WIDTH, tileOf, tilePath } from './tiles.js';
import { TreeEdge } from './tree-edge.js';

/** RFC 6962 §2.1, word for word: what everything here is held against. */
function mth(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return EMPTY_ROOT;
  if (leaves.length === 1) return leaves[0] as Buffer;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

const LEAVES = Array.from({ length: 70_000 }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)));

/** Everything a log of this size serves, as its edge gives it while growing. */
function tilesOf(size: number): { tiles: Map<string, Buffer>; edge: TreeEdge } {
  const tiles = new Map<string, Buffer>();
  const edge = new TreeEdge();
  for (const leaf of LEAVES.slice(0, size)) {
    for (const { tile, bytes } of edge.append(leaf)) tiles.set(tilePath(tile), bytes);
  }
  for (const { tile, bytes } of edge.partialTiles()) tiles.set(tilePath(tile), bytes);
  return { tiles, edge };
}

const { tiles: ALL, edge: ALL_EDGE } = tilesOf(LEAVES.length);
/** Of any smaller tree as well: the beginning of a wider tile. */
const read = async (tile: Tile): Promise<Buffer> => {
  const full =
    ALL.get(tilePath({ ...tile, width: TILE_WIDTH })) ??
    ALL.get(tilePath(tileOf(tile.level as number, tile.index * TILE_WIDTH, LEAVES.length)));
  if (full === undefined) throw new Error(`no ${tilePath(tile)}`);
  return full.subarray(0, tile.width * 32);
};
const sizes = fc.oneof(
  fc.integer({ min: 1, max: 1100 }),
  fc.constantFrom(255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000),
);

/** The hashes of leaves `from` to before `to`, cut where tiles end. */
function runsOf(from: number, to: number): Buffer[] {
  const runs: Buffer[] = [];
  for (let start = from; start < to; ) {
    const end = Math.min(to, start + TILE_WIDTH - (start % TILE_WIDTH));
    runs.push(Buffer.concat(LEAVES.slice(start, end)));
    start = end;
  }
  return runs;
}

describe('hashes one behind the other', () => {
  it('are those of each entry, and have the same root', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 300 });
    fc.assert(
      fc.property(entries, (bytes) => {
        const leaves = bytes.map((entry) => Buffer.from(entry));
        const hashes = leafHashes(leaves);
        expect(splitHashes(hashes)).toEqual(leaves.map(leafHash));
        const before = Buffer.from(hashes);
        expect(rootOver(hashes)).toEqual(mth(leaves.map(leafHash)));
        expect(hashes).toEqual(before);
      }),
    );
    expect(leafHashes([Buffer.alloc(65_535)])).toEqual(leafHash(Buffer.alloc(65_535)));
    expect(() => leafHashes([Buffer.alloc(65_536)])).toThrow(RangeError);
    expect(() => rootOver(Buffer.alloc(33))).toThrow(RangeError);
  });
});

describe('the root', () => {
  it('is that of RFC 6962 at any size', async () => {
    expect(new TreeEdge().root()).toEqual(EMPTY_ROOT);
    const edge = new TreeEdge();
    for (const [index, leaf] of LEAVES.slice(0, 1100).entries()) {
      edge.append(leaf);
      if (index % 7 === 0) expect(edge.root()).toEqual(mth(LEAVES.slice(0, index + 1)));
    }
    expect(ALL_EDGE.root()).toEqual(mth(LEAVES));
    expect(rootOf(LEAVES)).toEqual(mth(LEAVES));
    await fc.assert(
      fc.asyncProperty(sizes, async (size) => {
        expect(await new TreeProver(size, read).root()).toEqual(mth(LEAVES.slice(0, size)));
      }),
      { numRuns: 40 },
    );
  });

  it('goes on from the tiles of any size as if it had never stopped', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(600), async (size, more) => {
        const edge = await TreeEdge.load(size, read);
        expect(edge.root()).toEqual(mth(LEAVES.slice(0, size)));
        const end = Math.min(size + more, LEAVES.length);
        const byOne = edge.clone();
        const filled = LEAVES.slice(size, end).flatMap((leaf) => byOne.append(leaf));
        expect(byOne.root()).toEqual(mth(LEAVES.slice(0, end)));
        expect(runsOf(size, end).flatMap((run) => edge.appendRun(run))).toEqual(filled);
        expect(edge.root()).toEqual(byOne.root());
      }),
      { numRuns: 40 },
    );
  });
});

describe('tiles', () => {
  it('of 70,000 leaves are those of the specification', () => {
    expect(edgeTiles(70_000).map(tilePath)).toEqual([
      'tile/entries/273.p/112',
      'tile/0/273.p/112',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ]);
    expect([...ALL.keys()].filter((name) => name.startsWith('tile/1/'))).toEqual(['tile/1/000', 'tile/1/001.p/17']);
    expect(edgeTiles(256).map(tilePath)).toEqual(['tile/1/000.p/1']);
    expect(edgeTiles(0)).toEqual([]);
    expect(ALL.get('tile/0/000')).toEqual(Buffer.concat(LEAVES.slice(0, 256)));
    expect(hashesAt(1, 70_000)).toBe(273);
  });

  it('have one path each', () => {
    expect(tilePath({ level: 'entries', index: 1_234_067, width: 256 })).toBe('tile/entries/x001/x234/067');
    expect(tilePath({ level: 0, index: 5, width: 7 })).toBe('tile/0/005.p/7');
    fc.assert(
      fc.property(
        fc.oneof(fc.constant('entries' as const), fc.nat(63)),
        fc.oneof(fc.nat(5000), fc.nat(2 ** 40)),
        fc.integer({ min: 1, max: 256 }),
        (level, index, width) => {
          expect(parseTilePath(tilePath({ level, index, width }))).toEqual({ level, index, width });
        },
      ),
    );
  });

  it.each([
    'tile/0/5',
    'tile/00/005',
    'tile/64/000',
    'tile/0/x000/005',
    'tile/0/005.p/0',
    'tile/0/005.p/256',
    'tile/0/../005',
    'tile/0/005/',
    'tile/entries/1000',
  ])('have no path like %s', (path) => expect(parseTilePath(path)).toBeNull());
});

describe('proofs', () => {
  it('show every leaf of a tree, and show it nowhere else', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (size, at) => {
        const index = at % size;
        const leaf = LEAVES[index] as Buffer;
        const prover = new TreeProver(size, read);
        const path = await prover.inclusion(index);
        const root = await prover.root();
        expect(await prover.leaf(index)).toEqual(leaf);
        expect(rootOfInclusion(leaf, { index, size }, path)).toEqual(root);
        if (size > 1) {
          const other = rootOfInclusion(leaf, { index: index === 0 ? 1 : index - 1, size }, path);
          expect(other === null || !other.equals(root)).toBe(true);
        }
        expect(rootOfInclusion(leaf, { index, size }, [...path, leaf])).toBeNull();
        expect(rootOfInclusion(leaf, { index: size, size }, path)).toBeNull();
        if (path.length > 0) expect(rootOfInclusion(leaf, { index, size }, path.slice(1))).not.toEqual(root);
      }),
    );
  });

  it('show that a tree is the beginning of another, and refuse any other tree', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (size, at) => {
        const from = at % (size + 1);
        const prover = new TreeProver(size, read);
        const newer = { size, root: await prover.root() };
        const older = { size: from, root: mth(LEAVES.slice(0, from)) };
        const proof = await prover.consistency(from);
        expect(isConsistent(older, newer, proof)).toBe(true);
        const forged = { size: from, root: leafHash(older.root) };
        expect(isConsistent(forged, newer, proof)).toBe(false);
        expect(isConsistent(older, { size, root: forged.root }, proof)).toBe(from === 0 && size > 0);
        expect(isConsistent(older, newer, [...proof, forged.root])).toBe(false);
        if (proof.length > 0) expect(isConsistent(older, newer, proof.slice(1))).toBe(false);
        expect(isConsistent({ ...older, size: size + 1 }, newer, proof)).toBe(false);
      }),
    );
  });
});
