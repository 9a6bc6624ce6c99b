import { checkReport } from '#app/domain';
import { killed, publicReport, vague } from '../../testing/reports.js';

const flagsOf = (...casualties: ReturnType<typeof killed>[]) => checkReport(publicReport({ casualties }));
const withPoint = (lo: number, hi: number, point: number) => ({
  ...killed(lo, hi),
  value: { ...killed(lo, hi).value, point },
});

describe('the flags of a report', () => {
  it.each([
    ['lo above hi', [killed(5, 3)]],
    ['the point below lo', [withPoint(5, 9, 4)]],
    ['the point above hi', [withPoint(5, 9, 10)]],
    ['parts above their total', [killed(3), killed(2, 2, { status: 'CIVILIAN' }), killed(2, 2, { status: 'UNKNOWN' })]],
  ])('finds %s inconsistent', (_, casualties) => expect(flagsOf(...casualties)).toEqual(['INTERVAL_INCONSISTENT']));

  it.each([
    ['a sound interval', [withPoint(5, 9, 9)]],
    ['parts within their total', [killed(3), killed(2, 2, { status: 'CIVILIAN' })]],
    ['parts of an open total', [killed(3, null), killed(9, 9, { status: 'CIVILIAN' })]],
    [
      'the parts of one claimant above the total of another',
      [killed(3), killed(9, 9, { status: 'CIVILIAN', by: { name: 'X', kind: 'NGO' } })],
    ],
    [
      'a vague part above the total, which depends on the policy',
      [killed(3), vague('KILLED', 'dozens', { status: 'CIVILIAN' })],
    ],
  ])('finds %s consistent', (_, casualties) => expect(flagsOf(...casualties)).toEqual([]));

  it('flags an incident that ends in another month', () => {
    expect(checkReport(publicReport({ start: '2018-10-31', end: '2018-11-01' }))).toEqual(['CROSSES_PERIOD']);
    expect(checkReport(publicReport({ start: '2017-11-01', end: '2018-11-01' }))).toEqual(['CROSSES_PERIOD']);
    expect(checkReport(publicReport({ start: '2018-11-01', end: '2018-11-30' }))).toEqual([]);
  });
});
