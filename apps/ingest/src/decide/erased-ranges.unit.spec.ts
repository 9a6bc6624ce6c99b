import { type ErasedEvent, inParts, inRanges } from './erased-ranges.js';

const event = (position: number, pointers = ['', '/summary'], stream = 'a'): ErasedEvent => ({
  position,
  pointers,
  stream,
});
const all = (parts: ErasedEvent[][]): number[] => parts.flat().map(({ position }) => position);

describe('what an erasure tells', () => {
  it('names a set of pointers once, with ranges of positions', () => {
    expect(inRanges([event(9), event(4), event(5), event(6, ['']), event(10)])).toEqual([
      {
        pointers: ['', '/summary'],
        positions: [
          [4, 5],
          [9, 10],
        ],
      },
      { pointers: [''], positions: [[6, 6]] },
    ]);
  });

  it('is one part for a thousand reports of one incident', () => {
    const events = Array.from({ length: 1000 }, (_, i) => event(i + 7));
    expect(inParts(events)).toHaveLength(1);
    expect(inRanges(events)).toEqual([{ pointers: ['', '/summary'], positions: [[7, 1006]] }]);
  });

  it.each([
    ['scattered', (i: number) => event(i * 3)],
    ['of many streams', (i: number) => event(i, [''], `019a8b3c-5d00-7000-8000-${String(i).padStart(12, '0')}`)],
    [
      'of many pointers',
      (i: number) =>
        event(
          i,
          Array.from({ length: 1 + (i % 90) }, (_, n) => `/tags/${n}`),
        ),
    ],
  ])('is divided where it is %s, in parts that fit a leaf, nothing lost', (_, make) => {
    const events = Array.from({ length: 5000 }, (_unused, i) => make(i));
    const parts = inParts(events);
    expect(parts.length).toBeGreaterThan(1);
    expect(all(parts)).toEqual(events.map(({ position }) => position));
    for (const part of parts) {
      const also = [...new Set(part.map(({ stream }) => stream))].map((stream) => ({ stream, streamVersion: 1e6 }));
      expect(JSON.stringify({ erased: inRanges(part), also }).length).toBeLessThan(45_000);
    }
  });
});
