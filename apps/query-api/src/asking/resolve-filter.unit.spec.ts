import { expect, it } from '@jest/globals';
import { isoSet } from '#app/geography';
import { matchPublishers, resolveRegion } from './resolve-filter.js';

const KNOWN = ['https://ucdp.uu.se/ged', 'https://ucdp.uu.se/candidate', 'https://mosul-eye.example', 'urn:UCDPx:1'];

it.each([
  [['UCDP'], ['https://ucdp.uu.se/ged', 'https://ucdp.uu.se/candidate']],
  [['ged'], ['https://ucdp.uu.se/ged']],
  [['https://ucdp.uu.se/ged'], ['https://ucdp.uu.se/ged']],
  [['mosul-eye.example'], ['https://mosul-eye.example']],
  [['UCDP.uu.se'], ['https://ucdp.uu.se/ged', 'https://ucdp.uu.se/candidate']],
  [
    ['eye', 'GED', 'ucdp'],
    ['https://mosul-eye.example', 'https://ucdp.uu.se/ged', 'https://ucdp.uu.se/candidate'],
  ],
])('the publishers %j are %j', (asked, found) => {
  expect(matchPublishers(asked, KNOWN)).toEqual(found);
});

it.each(['ucd', 'nobody', 'uu.ged', '://'])('the publisher %j is refused with those that are known', (asked) => {
  expect(() => matchPublishers([asked], KNOWN)).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_PUBLISHER', members: { known: KNOWN } }),
  );
});

it('a group of areas stands for the first-level areas in it', () => {
  expect(resolveRegion(isoSet, 'IQ-KR').map(({ code }) => code)).toEqual(
    expect.arrayContaining(['IQ-AR', 'IQ-DA', 'IQ-SU']),
  );
  expect(resolveRegion(isoSet, 'Nineveh')).toEqual([{ level: 'admin1', code: 'IQ-NI', country: 'IQ' }]);
  expect(() => resolveRegion(isoSet, 'Irak-')).not.toThrow();
  expect(() => resolveRegion(isoSet, 'Atlantis')).toThrow(expect.objectContaining({ code: 'UNKNOWN_REGION' }));
});
