import { type MessageType, TYPES } from '../topics.js';

/** An example of a message: its data, and the CloudEvents attributes that go with it. */
export interface Example {
  name: string;
  summary: string;
  id: string;
  source: string;
  data: Record<string, unknown>;
}

const KURDISTAN_24 = 'https://kurdistan24.example/reports';
const UNAMI = 'https://unami.example/figures';
const STEWARD = 'https://ledger.example.org/stewards';
const OUTLET = { name: 'Kurdistan 24', kind: 'MEDIA_NATIONAL' };
const UN = { name: 'UNAMI', kind: 'UN' };
const OCTOBER = { start: '2018-10-01', end: '2018-10-31' };
const REPORT_ID = 'kurdistan24-2018-11-08-mosul';
const REF = '2018-11-08-mosul-abu-layla';
const MOSUL_BOMB = { source: KURDISTAN_24, ref: REF };
const exactly = (count: number): object => ({ qualifier: 'EXACT', lo: count, hi: count });

/** At least one per type, after the article of 10 November 2018 that the ledger began with. */
export const EXAMPLES: Record<MessageType, readonly Example[]> = {
  [TYPES.REPORT]: [
    {
      name: 'carBomb',
      summary: 'A car bomb in Mosul: three killed, five injured, told by one outlet after another',
      id: `${REPORT_ID}/1`,
      source: KURDISTAN_24,
      data: {
        reportId: REPORT_ID,
        revision: 1,
        incident: { ref: REF },
        publishedAt: '2018-11-09T06:00:00Z',
        language: 'en',
        source: { ...OUTLET, relayedFrom: [{ name: 'Mosul Eye', kind: 'SOCIAL' }] },
        occurred: { start: '2018-11-08', end: '2018-11-08', precision: 'DAY', partOfDay: 'EVENING' },
        place: { name: 'Mosul', country: 'IQ', latitude: 36.34, longitude: 43.13, precision: 'SETTLEMENT' },
        classification: { incidentType: 'IED_ATTACK', weapons: [{ type: 'IED', delivery: 'VBIED' }] },
        casualties: [
          { measure: 'KILLED', value: { ...exactly(3), phrase: 'three killed' } },
          { measure: 'INJURED', value: exactly(5) },
        ],
        summary: 'A car bomb went off near a restaurant.',
      },
    },
  ],
  [TYPES.REPORT_WITHDRAWN]: [
    {
      name: 'withdrawn',
      summary: 'The outlet takes its report back',
      id: `${REPORT_ID}/withdrawn`,
      source: KURDISTAN_24,
      data: { reportId: REPORT_ID, incident: { ref: REF }, reason: 'It was another day.' },
    },
  ],
  [TYPES.AGGREGATE]: [
    {
      name: 'october',
      summary: 'The monthly figure of an observer, with its parts',
      id: 'unami-2018-10-killed',
      source: UNAMI,
      data: {
        seriesId: 'unami-civilian-casualties',
        publisher: UN,
        indicator: 'KILLED',
        statusDefinition: 'CIVILIANS_INCLUDING_POLICE',
        period: OCTOBER,
        area: { code: 'IQ' },
        value: exactly(69),
        breakdown: [{ area: { code: 'IQ-NI' }, value: exactly(29) }],
        publishedAt: '2018-11-01T00:00:00Z',
        kind: 'OFFICIAL_AGGREGATE',
        source: UN,
      },
    },
  ],
  [TYPES.AGGREGATE_WITHDRAWN]: [
    {
      name: 'series',
      summary: 'The whole series is withdrawn',
      id: 'unami-withdrawn',
      source: UNAMI,
      data: { seriesId: 'unami-civilian-casualties', reason: 'The method has changed.' },
    },
  ],
  [TYPES.TREND]: [
    {
      name: 'reEmergence',
      summary: 'An assertion without a number',
      id: 'krsc-2018-10-vbied',
      source: KURDISTAN_24,
      data: {
        trendId: 'krsc-2018-10-vbied',
        metric: 'VBIED_ATTACKS',
        direction: 'RE_EMERGENCE',
        areas: [{ code: 'IQ-KI' }, { name: 'Mosul' }],
        period: OCTOBER,
        publisher: { name: 'KRSC', kind: 'STATE_MILITARY' },
        publishedAt: '2018-11-09T12:00:00Z',
        magnitude: null,
        source: OUTLET,
      },
    },
  ],
  [TYPES.TREND_WITHDRAWN]: [
    {
      name: 'withdrawn',
      summary: 'The assertion is taken back',
      id: 'krsc-withdrawn',
      source: KURDISTAN_24,
      data: { trendId: 'krsc-2018-10-vbied', reason: 'It was said of another month.' },
    },
  ],
  [TYPES.SITE]: [
    {
      name: 'massGraves',
      summary: 'A stock: what was found, not what happened',
      id: 'un-2018-11-06-mass-graves',
      source: UNAMI,
      data: {
        siteRef: 'un-2018-11-06-mass-graves',
        kind: 'MASS_GRAVE',
        count: exactly(202),
        area: { code: 'IQ' },
        breakdown: [{ area: { code: 'IQ-NI' }, value: exactly(95) }],
        victims: { qualifier: 'BETWEEN', lo: 6000, hi: 12_000 },
        eventPeriod: { start: '2014-06-01', end: '2017-12-31' },
        discovered: '2018-11-06',
        publishedAt: '2018-11-06T00:00:00Z',
        publisher: UN,
        source: UN,
      },
    },
  ],
  [TYPES.SITE_WITHDRAWN]: [
    {
      name: 'withdrawn',
      summary: 'The record is taken back',
      id: 'un-2018-11-06-withdrawn',
      source: UNAMI,
      data: { siteRef: 'un-2018-11-06-mass-graves', reason: 'Counted anew.' },
    },
  ],
  [TYPES.DECISION]: [
    decision('merge', 'Two incidents are one', {
      kind: 'MERGE',
      survivor: MOSUL_BOMB,
      absorbed: [{ source: 'https://ucdp.uu.se/ged', ref: '278412' }],
    }),
    decision('rejectDuplicate', 'Two incidents are not one', {
      kind: 'REJECT_DUPLICATE',
      a: MOSUL_BOMB,
      b: { source: 'https://ucdp.uu.se/ged', ref: '278413' },
    }),
    decision('verify', 'A grade, with its grounds', {
      kind: 'VERIFY',
      incident: MOSUL_BOMB,
      grade: 'CONFIRMED',
      grounds: 'The hospital confirms the number.',
    }),
    decision('erase', 'Personal data becomes unreadable', {
      kind: 'ERASE',
      incident: MOSUL_BOMB,
      paths: ['/confidential'],
      authority: 'request of the witness, 2019-03-01',
    }),
  ],
};

function decision(name: string, summary: string, data: Record<string, unknown>): Example {
  const all = { ...data, reason: 'Same place, day and weapon.', by: 'A. Steward' };
  return { name, summary, id: `decision-${name}`, source: STEWARD, data: all };
}
