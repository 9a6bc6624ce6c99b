import type { Place } from '#app/domain';
import type { PreparedEvent } from '#app/log';
import { MOSUL_EYE, UCDP, type VariedStory } from './varied-story.js';

const PLACES: readonly Place[] = [
  { name: 'Mosul', country: 'IQ', latitude: 36.34, longitude: 43.13, precision: 'SETTLEMENT' },
  { name: 'east of it', country: 'IQ', latitude: 36.345, longitude: 43.16, precision: 'NEAR_SETTLEMENT' },
  { name: 'across the border of a cell', country: 'IQ', latitude: 36.304, longitude: 43.098, precision: 'EXACT_POINT' },
  { name: 'far', country: 'IQ', latitude: 36.2, longitude: 43.4, precision: 'SETTLEMENT' },
  { name: 'Fiji', country: 'FJ', latitude: -16.5, longitude: 179.99, precision: 'SETTLEMENT' },
  { name: 'Fiji, beyond', country: 'FJ', latitude: -16.5, longitude: -179.99, precision: 'SETTLEMENT' },
  { name: 'Nineveh', country: 'IQ', admin: [{ code: 'IQ-NI', authority: 'ISO' }], precision: 'ADM1' },
  { name: 'on the border', precision: 'ADM1' },
  {
    name: 'Mosul',
    country: 'IQ',
    admin: [{ code: 'IQ-NI', authority: 'ISO' }],
    latitude: 36.34,
    longitude: 43.13,
    precision: 'SETTLEMENT',
  },
];

/** Reports of two publishers about few days and places, and withdrawals. */
export function tellNearby(story: VariedStory, count: number): PreparedEvent[] {
  const { random } = story;
  return Array.from({ length: count }, () => {
    const source = random(2) === 0 ? UCDP : MOSUL_EYE;
    const ref = `incident-${random(40)}`;
    const reportId = `${ref}/${random(3)}`;
    if (random(15) === 0) return story.withdrawal(source, ref, reportId);
    const start = `2018-11-0${1 + random(6)}`;
    const precision = random(10) === 0 ? ('MONTH' as const) : ('DAY' as const);
    const place = PLACES[random(PLACES.length)] as Place;
    return story.report(source, {
      ...story.randomReport(ref, reportId),
      place,
      occurred: { start, end: start, precision },
    });
  });
}
