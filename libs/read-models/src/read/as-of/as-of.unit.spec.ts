import { describe, expect, it } from '@jest/globals';
import { isCivilDate, parseAsOf } from './as-of.js';

describe('asOf', () => {
  it.each([
    [undefined, { kind: 'head' }],
    ['0', { kind: 'position', position: 0 }],
    ['9007199254740991', { kind: 'position', position: 9_007_199_254_740_991 }],
    ['2018-11-09T06:00:00Z', { kind: 'moment', ms: Date.UTC(2018, 10, 9, 6) }],
    ['2018-11-09t09:00:00.5+03:00', { kind: 'moment', ms: Date.UTC(2018, 10, 9, 6) + 500 }],
    // An address with a `+` that was not escaped.
    ['2018-11-05T00:00:00 04:00', { kind: 'moment', ms: Date.UTC(2018, 10, 4, 20) }],
    ['2018-11-05T00:00:00.25 00:00', { kind: 'moment', ms: Date.UTC(2018, 10, 5) + 250 }],
    ['ged-18-1', { kind: 'snapshot', name: 'ged-18-1' }],
    // The whole day, in UTC.
    ['2018-11-09', { kind: 'moment', ms: Date.UTC(2018, 10, 10) - 1 }],
  ])('reads %s', (text, request) => {
    expect(parseAsOf(text)).toEqual(request);
  });

  it.each([
    '',
    '-1',
    '1.5',
    '1e3',
    '9007199254740993',
    '2018-02-30',
    '2018-02-30T00:00:00Z',
    '2018-11-09T06:00:00',
    '2018-11-09T25:00:00Z',
    'Nov 9 2018',
    'Latest',
    'a',
    `a${'b'.repeat(63)}`,
    '018',
    '00',
    '2018-11-05T00:00:00  04:00',
    '2018-11-05T00:00:00 0400',
    '2018-11-05 00:00:00',
    '2018-11-05 00:00:00 04:00',
    ' 1',
  ])('does not read %j', (text) => {
    expect(parseAsOf(text)).toBeNull();
  });
});

it.each([
  ['2016-02-29', true],
  ['2018-02-29', false],
  ['0001-01-01', true],
  ['0000-01-01', false],
  ['9999-12-31', true],
  ['2018-13-01', false],
  ['2018-1-1', false],
])('%s is in the calendar: %s', (text, isDate) => {
  expect(isCivilDate(text)).toBe(isDate);
});
