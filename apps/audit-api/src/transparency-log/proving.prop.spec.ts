import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  isConsistent,
  leafHash,
  type LogReader,
  rootOf,
  rootOfInclusion,
  type TreeHead,
  TreeEdge,
  tilePath,
} from '#app/transparency';
import { checkEdge, proveConsistency, proveInclusion } from './proving.js';
import { PublishedLog, TilesDamagedError } from './published-log.js';

const SIZE_MAX = 700;
const LEAVES = Array.from({ length: SIZE_MAX }, (_, index) => leafHash(Buffer.from(`leaf ${index}`)));
const headOf = (size: number): TreeHead => ({ size, root: rootOf(LEAVES.slice(0, size)) });

/** The files of a log as the notary leaves them: full tiles, and the partial ones of one size alone. */
function filesOf(size: number): Map<string, Buffer> {
  const edge = new TreeEdge();
  const files = new Map<string, Buffer>();
  for (const leaf of LEAVES.slice(0, size)) {
    for (const { tile, bytes } of edge.append(leaf)) files.set(tilePath(tile), bytes);
  }
  for (const { tile, bytes } of edge.partialTiles()) files.set(tilePath(tile), bytes);
  return files;
}

type Files = ReadonlyMap<string, Buffer>;

/** @param later what lies there after so many readings; the same when absent */
function tilesOf(
  files: Files,
  head: TreeHead,
  later?: { files: Files; after: number },
): ReturnType<PublishedLog['tilesOf']> {
  let readings = 0;
  const read: LogReader = (path) => {
    readings += 1;
    const now = later !== undefined && readings > later.after ? later.files : files;
    return Promise.resolve(now.get(path) ?? null);
  };
  return new PublishedLog(read).tilesOf({ ...head, origin: 'log.example', note: '' });
}

/** One bit turned, the end cut off, or the whole file gone. */
const damage = fc.record({
  file: fc.nat(),
  kind: fc.constantFrom('turned', 'cut', 'gone'),
  at: fc.nat(),
  /** Readings before it happens. */
  after: fc.integer({ min: 0, max: 16 }),
});

function damaged(files: Files, { file, kind, at }: { file: number; kind: string; at: number }): Map<string, Buffer> {
  const copy = new Map(files);
  const [name, bytes] = [...files][file % files.size] as [string, Buffer];
  if (kind === 'gone') copy.delete(name);
  if (kind === 'cut') copy.set(name, bytes.subarray(0, at % bytes.length));
  if (kind === 'turned') {
    const other = Buffer.from(bytes);
    other.writeUInt8(other.readUInt8(at % other.length) ^ (1 << (at % 8)), at % other.length);
    copy.set(name, other);
  }
  return copy;
}

const size = fc.integer({ min: 1, max: SIZE_MAX });

describe('what is proved by published tiles', () => {
  it('of any leaf at any size leads to the root', () =>
    fc.assert(
      fc.asyncProperty(size, fc.nat(), async (of, at) => {
        const head = headOf(of);
        const index = at % of;
        const { leaf, path } = await proveInclusion(tilesOf(filesOf(of), head), head, index);
        expect(leaf).toEqual(LEAVES[index]);
        expect(rootOfInclusion(leaf, { index, size: of }, path)).toEqual(head.root);
      }),
    ));

  it('between any two sizes holds, signed at or not', () =>
    fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), async (of, one, other) => {
        const published = headOf(of);
        const [from, to] = [one % (of + 1), other % (of + 1)].toSorted((a, b) => a - b) as [number, number];
        const proved = await proveConsistency(tilesOf(filesOf(of), published), published, { from, to });
        expect([proved.from, proved.to]).toEqual([headOf(from), headOf(to)]);
        expect(isConsistent(headOf(from), headOf(to), proved.hashes)).toBe(true);
      }),
    ));

  it('by damaged tiles is true, or is not said', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), damage, async (of, one, other, how) => {
        const published = headOf(of);
        const [from, to] = [one % (of + 1), other % (of + 1)].toSorted((a, b) => a - b) as [number, number];
        const files = filesOf(of);
        const read = () => tilesOf(files, published, { files: damaged(files, how), after: how.after });
        const said = await Promise.allSettled([
          proveInclusion(read(), published, one % of),
          proveConsistency(read(), published, { from, to }),
          checkEdge(read(), published),
        ]);
        const [inclusion, consistency] = said;
        if (inclusion.status === 'fulfilled') {
          const { leaf, path } = inclusion.value;
          expect(leaf).toEqual(LEAVES[one % of]);
          expect(rootOfInclusion(leaf, { index: one % of, size: of }, path)).toEqual(published.root);
        }
        if (consistency.status === 'fulfilled') {
          expect([consistency.value.from, consistency.value.to]).toEqual([headOf(from), headOf(to)]);
          expect(isConsistent(headOf(from), headOf(to), consistency.value.hashes)).toBe(true);
        }
        for (const each of said) {
          if (each.status === 'fulfilled') continue;
          expect(each.reason).toBeInstanceOf(TilesDamagedError);
          refused += 1;
        }
      }),
      { numRuns: 1_000 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});
