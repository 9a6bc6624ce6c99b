import { type CheckedLeaves, PublishedLeaves } from './published-leaves.js';

const SIZE = 1000;

/** A log of bundles of 256 leaves, that counts what is asked of it. */
function checkedLog(): CheckedLeaves & { asked: [number, number][] } {
  const asked: [number, number][] = [];
  return {
    asked,
    async *leaves({ from = 0, upTo = SIZE - 1 }) {
      asked.push([from, upTo]);
      for (let first = from - (from % 256); first <= Math.min(upTo, SIZE - 1); first += 256) {
        const count = Math.min(256, SIZE - first);
        yield await Promise.resolve({
          first,
          leaves: Array.from({ length: count }, (_, i) => Buffer.from(`${first + i}`)),
        });
      }
    },
  };
}

const range = (from: number, upTo: number): { position: number; leaf: string }[] =>
  Array.from({ length: upTo - from + 1 }, (_, i) => ({ position: from + i, leaf: `${from + i}` }));

describe('the leaves of a published log, as a fold wants them', () => {
  it('are read on and on in one go, wherever pages end', async () => {
    const log = checkedLog();
    const source = new PublishedLeaves(log);
    expect(await source.read({ after: -1, limit: 400 })).toEqual(range(0, 399));
    // The fold took only a part of the page.
    expect(await source.read({ after: 9, limit: 300 })).toEqual(range(10, 309));
    expect(await source.read({ after: 309, limit: 700 })).toEqual(range(310, 999));
    expect(await source.read({ after: 999, limit: 10 })).toEqual([]);
    expect(log.asked).toHaveLength(1);
  });

  it('begin anywhere', async () => {
    const source = new PublishedLeaves(checkedLog());
    expect(await source.read({ after: 299, limit: 3 })).toEqual(range(300, 302));
    expect(await source.read({ after: 99, limit: 2 })).toEqual(range(100, 101));
  });

  it('are found again by their positions, a bundle at a time', async () => {
    const log = checkedLog();
    const source = new PublishedLeaves(log);
    const found = await source.at([3, 700, 5, 999]);
    expect(found.map(({ position, leaf }) => [position, leaf])).toEqual([3, 5, 700, 999].map((n) => [n, `${n}`]));
    expect(log.asked).toHaveLength(3);
    await expect(source.at([1000])).rejects.toThrow('position 1000');
  });
});
