import { describe, expect, it } from '@jest/globals';
import { LastingRows } from './lasting-rows.js';

const linesOf = (rows: LastingRows): string[] => rows.bytes.toString('utf8').split('\n').slice(0, -1);

describe('rows that last, of one batch', () => {
  it('stand until something closes them', () => {
    const rows = new LastingRows();
    rows.open('a', 1, ['x\t', 'y']);
    rows.open('ö', 2, ['z']);
    expect(linesOf(rows)).toEqual(['a\t1\t\\N\tx\ty', 'ö\t2\t\\N\tz']);
    expect(rows.count).toBe(2);
  });

  it('are written once, closed, when the batch that opens them closes them', () => {
    const rows = new LastingRows();
    for (let from = 1; from <= 5; from++) rows.open('a', from, [`ü${from}`]);
    for (const from of [4, 1, 2]) rows.close('a', from, from * 1_000);
    // Closed again: the last word counts.
    rows.close('a', 4, 44);
    expect(linesOf(rows).toSorted()).toEqual([
      'a\t1\t1000\tü1',
      'a\t2\t2000\tü2',
      'a\t3\t\\N\tü3',
      'a\t4\t44\tü4',
      'a\t5\t\\N\tü5',
    ]);
    expect(rows.count).toBe(5);
    expect(rows.closings).toEqual([]);
  });

  it('of earlier batches are named, to be updated', () => {
    const rows = new LastingRows();
    rows.open('a', 7, ['x'], 'one');
    rows.close('a', 7, 9, 'two');
    rows.close('b', 3, 9);
    expect(rows.closings).toEqual([
      { name: 'a', part: 'two', from: 7, to: 9 },
      { name: 'b', part: '', from: 3, to: 9 },
    ]);
    expect(linesOf(rows)).toEqual(['a\t7\t\\N\tx']);
  });
});
