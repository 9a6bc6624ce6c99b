import { describe, expect, it } from '@jest/globals';
import { acceptedFormat, nextUrl } from './negotiation.js';

const OFFERED = ['json', 'ndjson', 'csv'] as const;

describe('the format of an answer', () => {
  it.each([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['text/csv', 'csv'],
    ['text/csv;q=0.5, application/x-ndjson', 'ndjson'],
    ['application/x-ndjson;q=0, text/csv', 'csv'],
    ['application/xml, */*;q=0.1', 'json'],
    ['application/xml', null],
    ['application/geo+json', null],
  ])('for Accept %j is %j', (accept, format) =>
    expect(acceptedFormat({ headers: { accept } }, undefined, OFFERED)).toBe(format),
  );

  it('is what format= says, whatever Accept says', () =>
    expect(acceptedFormat({ headers: { accept: 'text/csv' } }, 'ndjson', OFFERED)).toBe('ndjson'));
});

describe('the address of the next page', () => {
  const request = {
    protocol: 'http',
    url: '/v1/events?limit=2&cursor=a',
    socket: { localAddress: '127.0.0.1', localPort: 3001 },
  };

  it('is the same request with another cursor, on the host that the client used', () =>
    expect(nextUrl({ ...request, host: 'ledger.example' } as never, 'b')).toBe(
      'http://ledger.example/v1/events?limit=2&cursor=b',
    ));

  it('is on the connected address for a client that names no host', () =>
    expect(nextUrl({ ...request, host: '' } as never, 'b')).toBe('http://127.0.0.1:3001/v1/events?limit=2&cursor=b'));

  it('is none on the last page', () =>
    expect(nextUrl({ ...request, host: 'ledger.example' } as never, null)).toBeNull());
});
