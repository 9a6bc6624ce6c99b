import { identityOf } from '#app/log';
import { rejectedIdentity, storableTime } from './insert-rejections.js';

describe('what is kept of a refused message', () => {
  it.each([[-1], [2 ** 63], [253_402_300_800_000], [Number.NaN], [null]])(
    'has no time where a producer claims %d',
    (timestamp) => {
      expect(storableTime(timestamp)).toBeNull();
    },
  );

  it('has the time that is one', () => {
    expect(storableTime(0)).toBe(0);
    expect(storableTime(1_700_000_000_123)).toBe(1_700_000_000_123);
  });

  it('has an identity only where source and id are known', () => {
    const subject = { source: 's', id: 'i', type: null, trusted: false };
    expect(rejectedIdentity(subject)).toBe(identityOf('s', 'i'));
    expect(rejectedIdentity({ ...subject, id: null })).toBeNull();
    expect(rejectedIdentity({ ...subject, source: 'a\ud800' })).toBeNull();
  });
});
