import { describe, expect, it } from '@jest/globals';
import { parseCitable, pinnedQuery } from './citable-query.js';

const pinned = (query: string): string => pinnedQuery(parseCitable(query), { position: 7, boundary: 'iso-3166' });

describe('a query that is cited', () => {
  it.each([
    ['/v1/casualties', '/v1/casualties?asOf=7&boundary=iso-3166&format=json'],
    ['/v1/casualties?', '/v1/casualties?asOf=7&boundary=iso-3166&format=json'],
    ['/v1/casualties?asOf=october-2018&format=csv', '/v1/casualties?asOf=7&boundary=iso-3166&format=csv'],
    ['/v1/activity?region=SY&region=IQ', '/v1/activity?asOf=7&boundary=iso-3166&format=json&region=SY&region=IQ'],
    ['/v1/activity?actor=A%26B+C', '/v1/activity?actor=A%26B+C&asOf=7&boundary=iso-3166&format=json'],
  ])('%s is kept as %s', (query, expected) => {
    expect(pinned(query)).toBe(expected);
    expect(pinned(expected)).toBe(expected);
  });

  it.each(['/v1/casualties/', '/V1/casualties', '/v1/activity/../incidents', '/v1/incidents?asOf=1'])(
    'is not %s',
    (query) => expect(() => parseCitable(query)).toThrow('cannot be cited'),
  );
});
