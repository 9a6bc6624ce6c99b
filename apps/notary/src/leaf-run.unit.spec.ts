import { describe, expect, it } from '@jest/globals';
import { encodeBundle, HASH_BYTES, leafHashes } from '#app/transparency';
import { cutRun, frameRun, type LeafRun } from './leaf-run.js';

const LEAVES = ['{"a":"é"}', '', 'x'.repeat(300), 'last', ''].map((text) => Buffer.from(text));
const LENGTHS = LEAVES.map(({ length }) => length);
const FROM = 512;

/** Leaves with room before each, cut every so many bytes. */
function piecesOf(leaves: readonly Buffer[], every: number): Buffer[] {
  const room = Buffer.concat(leaves.flatMap((leaf) => [Buffer.from('??'), leaf]));
  return Array.from({ length: Math.ceil(room.length / every) }, (_, index) =>
    Buffer.from(room.subarray(index * every, (index + 1) * every)),
  );
}

describe('a run of leaves', () => {
  it('is what a bundle holds, wherever the pieces were cut', () => {
    for (let every = 1; every <= 330; every += 1) {
      const run = frameRun(FROM, piecesOf(LEAVES, every), LENGTHS);
      expect([run.from, run.to]).toEqual([FROM, FROM + LEAVES.length]);
      expect(Buffer.concat(run.bundle)).toEqual(encodeBundle(LEAVES));
      expect(run.hashes).toEqual(leafHashes(LEAVES));
    }
  });

  it('copies a leaf only where it goes on in another piece', () => {
    // Each in memory of its own: small buffers share one pool, and a copy would look like the same memory.
    const pieces = piecesOf(LEAVES, 64).map((piece) => Buffer.concat([Buffer.alloc(8192), piece]).subarray(8192));
    const { bundle } = frameRun(FROM, pieces, LENGTHS);
    const pieceOf = ({ buffer }: Buffer): number => pieces.findIndex((piece) => piece.buffer === buffer);
    expect(bundle.map(pieceOf)).toEqual([0, -1, -1, 5]);
  });

  it('is refused when its lengths are not those of what is there', () => {
    const pieces = (): Buffer[] => piecesOf(LEAVES, 50);
    expect(() => frameRun(FROM, pieces(), LENGTHS.slice(0, -1))).toThrow('longer');
    expect(() => frameRun(FROM, pieces(), [...LENGTHS, 0])).toThrow('shorter');
    expect(() => frameRun(FROM, [...pieces(), Buffer.alloc(1)], LENGTHS)).toThrow('longer');
  });

  it('is cut before any of its leaves', () => {
    const shown = ({ from, to, bundle, hashes }: LeafRun): unknown => [from, to, Buffer.concat(bundle), hashes];
    for (const every of [3, 64, 1000]) {
      for (let count = 0; count <= LEAVES.length; count += 1) {
        const run = frameRun(FROM, piecesOf(LEAVES, every), LENGTHS);
        const [before, behind] = cutRun(run, FROM + count);
        const [left, right] = [LEAVES.slice(0, count), LEAVES.slice(count)];
        expect(shown(before)).toEqual([FROM, FROM + count, encodeBundle(left), leafHashes(left)]);
        expect(shown(behind)).toEqual([FROM + count, run.to, encodeBundle(right), leafHashes(right)]);
        expect(before.hashes).toHaveLength(count * HASH_BYTES);
      }
    }
  });
});
