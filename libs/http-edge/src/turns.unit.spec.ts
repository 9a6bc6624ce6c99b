import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Turns } from './turns.js';

describe('turns', () => {
  it('let no more work at once than was said, each in the order in which they asked, also after failures', async () => {
    const turns = new Turns(2);
    const begun: number[] = [];
    let atWork = 0;
    let most = 0;
    const all = Array.from({ length: 9 }, (_, index) =>
      turns.take(async () => {
        begun.push(index);
        atWork += 1;
        most = Math.max(most, atWork);
        await sleep(1);
        atWork -= 1;
        if (index % 3 === 0) throw new Error('one of those that fail');
        return index;
      }),
    );
    const settled = await Promise.allSettled(all);
    expect(most).toBe(2);
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
    expect(await turns.take(() => Promise.resolve('free again'))).toBe('free again');
  });
});
