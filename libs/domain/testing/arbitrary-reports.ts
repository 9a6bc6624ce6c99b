import fc from 'fast-check';
import { MEASURES, VICTIM_STATUSES } from '#app/domain';

export const party = fc.record({
  name: fc.constantFrom('Officer', 'Ministry', 'Hospital'),
  kind: fc.constantFrom('STATE_MILITARY', 'WITNESS', 'SOCIAL'),
} as const);

export const value = fc.oneof(
  fc.record({
    qualifier: fc.constant('BETWEEN' as const),
    lo: fc.nat(20),
    hi: fc.nat(20),
    point: fc.option(fc.nat(20)),
  }),
  fc.record({ qualifier: fc.constant('AT_LEAST' as const), lo: fc.nat(20), hi: fc.constant(null) }),
  fc.record({ qualifier: fc.constantFrom('UNKNOWN' as const, 'NONE_REPORTED' as const) }),
  fc.record({ qualifier: fc.constant('VAGUE' as const), phrase: fc.constantFrom('dozens', 'several', 'umpteen') }),
);

const casualty = fc.record(
  {
    measure: fc.constantFrom(...MEASURES.slice(0, 2), 'CASUALTIES_UNSPECIFIED' as const),
    status: fc.option(fc.constantFrom(...VICTIM_STATUSES)),
    side: fc.option(fc.constantFrom('A', 'B')),
    role: fc.option(fc.constantFrom('JOURNALIST', 'OTHER')),
    by: fc.option(party),
    value,
  },
  { requiredKeys: ['measure', 'value'] },
);

/** Reports that disagree in everything: vague words, parts, relays, unknown numbers. Of few ids, so that revisions meet. */
export const report = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  revision: fc.integer({ min: 1, max: 4 }),
  published: fc.constantFrom(
    '2018-11-08T20:00:00Z',
    '2018-11-09T06:00:00Z',
    '2018-11-09T09:00:00+03:00',
    '2018-11-10T00:00:00Z',
  ),
  by: fc.constantFrom('Outlet A', 'Outlet B', 'Outlet C'),
  kind: fc.constantFrom('WIRE', 'SOCIAL'),
  relayedFrom: fc.array(party, { maxLength: 1 }),
  casualties: fc.array(casualty, { maxLength: 5 }),
  start: fc.constantFrom('2018-10-31', '2018-11-08'),
  end: fc.constant('2018-11-08'),
  type: fc.constantFrom('IED_ATTACK', 'ARMED_CLASH'),
  placeName: fc.constantFrom('Mosul', 'near Mosul'),
  placement: fc.constantFrom({ admin1: 'IQ-NI' }, { admin1: 'IQ-KI' }, { admin1: null, precision: 'COUNTRY' }),
  weapons: fc.array(
    fc.record({
      type: fc.constantFrom('IED', 'UNKNOWN', 'FIREARM'),
      delivery: fc.constantFrom('VBIED', 'UVIED', null),
      by: fc.option(party),
    }),
    { maxLength: 2 },
  ),
  targets: fc.array(fc.constantFrom('MARKET', 'POLICE'), { maxLength: 2 }),
  actors: fc.array(
    fc.record({
      name: fc.constantFrom('X', 'Y'),
      role: fc.constant('PERPETRATOR'),
      attribution: fc.constantFrom('ALLEGED', 'DENIED'),
    }),
    { maxLength: 2 },
  ),
} as const);
