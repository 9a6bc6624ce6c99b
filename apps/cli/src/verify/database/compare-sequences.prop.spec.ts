import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Difference, SequenceComparison } from './compare-sequences.js';

type Row = string | null;

/** Compares two whole sequences, handed over in pieces of any length. */
function compare(
  published: readonly string[],
  database: readonly Row[],
  of: { window?: number; piece?: number } = {},
): Difference[] {
  const { window = 64, piece = 7 } = of;
  const comparison = new SequenceComparison(published.length, 1000, window);
  const next = { published: 0, database: 0 };
  for (let wanted = comparison.wanted(); wanted !== 'NOTHING'; wanted = comparison.wanted()) {
    if (wanted === 'PUBLISHED') {
      if (next.published >= published.length) comparison.endPublished();
      else comparison.addPublished(published.slice(next.published, next.published + piece));
      next.published += piece;
    } else {
      if (next.database >= database.length) comparison.endDatabase();
      else comparison.addDatabase(database.slice(next.database, next.database + piece));
      next.database += piece;
    }
  }
  return comparison.differences();
}

const leaves = (count: number): string[] => Array.from({ length: count }, (_, i) => `leaf ${i}`);
/** What nobody published. */
const others = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `other ${from + i}`);
const size = fc.integer({ min: 2, max: 120 });
const pieces = fc.record({ window: fc.integer({ min: 12, max: 200 }), piece: fc.integer({ min: 1, max: 50 }) });
/** A size and a position in it. */
const placed = size.chain((count) => fc.record({ count: fc.constant(count), at: fc.nat(count - 1), more: fc.nat(30) }));

describe('the comparison of what was published with what is in the database', () => {
  it('finds nothing when the database holds it all, whatever was recorded since', () => {
    fc.assert(
      fc.property(fc.nat(120), fc.nat(40), pieces, (count, more, of) => {
        expect(compare(leaves(count), [...leaves(count), ...others(more)], of)).toEqual([]);
      }),
    );
  });

  it('names a leaf that was changed', () => {
    fc.assert(
      fc.property(placed, pieces, ({ count, at, more }, of) => {
        const database = [...leaves(count).with(at, 'another'), ...others(more)];
        expect(compare(leaves(count), database, of)).toEqual([{ kind: 'CHANGED', position: at, count: 1 }]);
      }),
    );
  });

  it('names rows that were removed, with the gap left or closed', () => {
    const removed = placed.chain((place) =>
      fc.record({ place: fc.constant(place), length: fc.integer({ min: 1, max: 10 }), isClosed: fc.boolean() }),
    );
    fc.assert(
      fc.property(removed, pieces, ({ place: { count, at, more }, length, isClosed }, of) => {
        // At the very end it is a log that was cut off.
        fc.pre(at + length < count);
        const gap: Row[] = isClosed ? [] : Array.from({ length }, () => null);
        const database = [...leaves(count).slice(0, at), ...gap, ...leaves(count).slice(at + length), ...others(more)];
        expect(compare(leaves(count), database, of)).toEqual([{ kind: 'REMOVED', position: at, count: length }]);
      }),
    );
  });

  it('names rows that were inserted', () => {
    fc.assert(
      fc.property(placed, fc.integer({ min: 1, max: 10 }), pieces, ({ count, at, more }, length, of) => {
        const database = [...leaves(count).toSpliced(at, 0, ...others(length, 500)), ...others(more)];
        expect(compare(leaves(count), database, of)).toEqual([{ kind: 'INSERTED', position: at, count: length }]);
      }),
    );
  });

  it('names two rows that were swapped, however far from each other', () => {
    const pair = size.chain((count) =>
      fc.record({ count: fc.constant(count), two: fc.uniqueArray(fc.nat(count - 1), { minLength: 2, maxLength: 2 }) }),
    );
    fc.assert(
      fc.property(pair, pieces, ({ count, two }, of) => {
        const [a, b] = two.toSorted((x, y) => x - y) as [number, number];
        const all = leaves(count);
        const database = all.with(a, all[b]!).with(b, all[a]!);
        expect(compare(all, database, of)).toEqual([{ kind: 'SWAPPED', position: a, count: 1, with: b }]);
      }),
    );
  });

  it('names where the log was cut off', () => {
    fc.assert(
      fc.property(placed, pieces, ({ count, at }, of) => {
        expect(compare(leaves(count), leaves(at), of)).toEqual([
          { kind: 'TRUNCATED', position: at, count: count - at },
        ]);
      }),
    );
  });

  it('names where the log was cut off and written on', () => {
    fc.assert(
      fc.property(placed, fc.integer({ min: 1, max: 200 }), pieces, ({ count, at }, length, of) => {
        // The last leaf alone: whether it was changed or written again, nobody can tell.
        fc.pre(at < count - 1);
        const database = [...leaves(at), ...others(length)];
        expect(compare(leaves(count), database, of)).toEqual([
          { kind: 'APPENDED_AGAIN', position: at, count: Math.min(length, count - at) },
        ]);
      }),
    );
  });

  it('names a row that was moved as removed where it was and inserted where it is', () => {
    const move = fc.record({ count: fc.constant(60), from: fc.nat(58), to: fc.nat(58) });
    fc.assert(
      fc.property(move, ({ count, from, to }) => {
        // Next to each other it is a swap.
        fc.pre(Math.abs(from - to) > 1);
        const all = leaves(count);
        const database = all.toSpliced(from, 1).toSpliced(to, 0, all[from]!);
        const kinds = compare(all, database).map(({ kind, position }) => [kind, position]);
        const inserted = ['INSERTED', from < to ? to + 1 : to];
        expect(kinds).toEqual(from < to ? [['REMOVED', from], inserted] : [inserted, ['REMOVED', from]]);
      }),
    );
  });

  it('names several things that were done in one log', () => {
    const all = leaves(100);
    const database = all
      .with(90, 'another')
      .with(60, all[70]!)
      .with(70, all[60]!)
      .toSpliced(40, 0, 'new')
      .toSpliced(20, 2);
    expect(compare(all, database)).toEqual([
      { kind: 'REMOVED', position: 20, count: 2 },
      { kind: 'INSERTED', position: 40, count: 1 },
      { kind: 'SWAPPED', position: 60, count: 1, with: 70 },
      { kind: 'CHANGED', position: 90, count: 1 },
    ]);
  });

  it('finds something exactly when the database does not begin with what was published, and the first difference first', () => {
    const edit = fc.record({ at: fc.nat(50), removed: fc.nat(3), added: fc.array(fc.nat(80), { maxLength: 3 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(edit, { maxLength: 5 }), pieces, (count, edits, of) => {
        const published = leaves(count);
        let database: Row[] = published;
        for (const { at, removed, added } of edits) {
          // Old leaves in other places, new ones, and gaps.
          const rows = added.map((n) => (n > 70 ? null : n > 50 ? `other ${n}` : `leaf ${n}`));
          database = database.toSpliced(at, removed, ...rows);
        }
        while (database.at(-1) === null) database = database.slice(0, -1);
        const first = published.findIndex((leaf, i) => database[i] !== leaf);
        const found = compare(published, database, of);
        if (first < 0) expect(found).toEqual([]);
        else expect(found[0]).toMatchObject({ position: first });
      }),
      { numRuns: 3000 },
    );
  });

  it('ends at the limit', () => {
    const comparison = new SequenceComparison(100, 3);
    comparison.addPublished(leaves(100));
    comparison.addDatabase(leaves(100).map((leaf, i) => (i % 2 === 0 ? leaf : `other ${i}`)));
    comparison.endPublished();
    comparison.endDatabase();
    expect(comparison.wanted()).toBe('NOTHING');
    expect(
      comparison
        .differences()
        .map(({ position }) => position)
        .slice(0, 3),
    ).toEqual([1, 3, 5]);
  });
});
