import { decodeMessage } from './decode/decode-message.js';
import { publicPointer } from './public-pointer.js';

describe('the public part of a pointer', () => {
  it.each([
    ['', ''],
    ['/casualties/12/value/lo', '/casualties/12/value/lo'],
    ['/data/confidential/victims/0/subjectRef', '/data/confidential/victims/0/subjectRef'],
    ['/incident/ref', '/incident/ref'],
    ['/specversion', '/specversion'],
    ['/data/confidential/Ahmed Witness Secret/a', '/data/confidential'],
    ['/source/a~1b', '/source'],
    ['/Ahmed/source', ''],
    ['/tags/009647701234567', '/tags'],
    ['/4915112345678', ''],
    ['/constructor', ''],
    ['/__proto__/source', ''],
    ['/\ud83d', ''],
  ])('of %j is %j', (pointer, expected) => {
    expect(publicPointer(pointer)).toBe(expected);
  });

  it('holds no member name that the sender made up, where one is named twice', () => {
    const value = Buffer.from('{"data":{"confidential":{"Ahmed Witness Secret":{"a":1,"a":2}}}}');
    const decoded = decodeMessage({ value, headers: { 'content-type': 'application/cloudevents+json' } });
    if (decoded.kind !== 'unreadable') throw new Error('it is readable');
    expect(decoded.problems.map(({ pointer }) => publicPointer(pointer))).toEqual(['/data/confidential']);
    expect(decoded.problems.map(({ detail }) => detail).join()).not.toContain('Ahmed');
  });
});
