import { describe, expect, it } from '@jest/globals';
import { acceptsGzip } from './compression.js';

describe('gzip', () => {
  it.each([undefined, '', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.000, *', 'br, *;q=0', 'gzipped'])(
    'is not for a client that says %j',
    (header) => expect(acceptsGzip(header)).toBe(false),
  );

  it.each(['gzip', 'x-gzip', '*', 'br, GZIP', 'identity, gzip;q=0.001', 'deflate;q=1.0, gzip;q=0.5, *;q=0'])(
    'is for a client that says %j',
    (header) => expect(acceptsGzip(header)).toBe(true),
  );
});
