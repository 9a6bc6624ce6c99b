import type { RawMessage } from '../index.js';
import { TYPES } from '../topics.js';

/** The example of the contract §1, whole. */
export function sampleReport(): Record<string, unknown> {
  return {
    reportId: 'mosul-eye-2018-11-08',
    revision: 1,
    incident: { ref: '2018-11-08-mosul-abu-layla' },
    publishedAt: '2018-11-09T06:00:00Z',
    retrievedAt: '2018-11-09T07:10:00Z',
    language: 'en',
    source: {
      name: 'Kurdistan 24',
      kind: 'MEDIA_NATIONAL',
      url: 'https://example.org/a',
      archiveUrl: null,
      documentId: null,
      license: 'CC-BY',
      attribution: 'Kurdistan 24',
      relayedFrom: [{ name: 'Mosul Eye', kind: 'SOCIAL' }],
    },
    occurred: {
      start: '2018-11-08',
      end: '2018-11-08',
      precision: 'DAY',
      timeZone: 'Asia/Baghdad',
      partOfDay: 'EVENING',
    },
    place: {
      name: 'near Abu Layla restaurant, Mosul',
      country: 'IQ',
      admin: [{ code: 'IQG15Q05', authority: 'COD-AB' }],
      latitude: 36.34,
      longitude: 43.13,
      precision: 'SETTLEMENT',
    },
    classification: {
      incidentType: 'IED_ATTACK',
      civilianTargeting: 'UNKNOWN',
      weapons: [{ type: 'IED', delivery: 'VBIED', initiation: 'UNKNOWN' }],
      targets: ['BUSINESS'],
    },
    actors: [
      {
        name: 'Islamic State',
        type: 'REBEL_GROUP',
        role: 'PERPETRATOR',
        attribution: 'ALLEGED',
        by: { name: 'KDP', kind: 'POLITICAL_PARTY' },
      },
    ],
    casualties: [
      { measure: 'KILLED', value: { qualifier: 'EXACT', lo: 3, hi: 3, phrase: 'three killed' } },
      { measure: 'INJURED', value: { qualifier: 'EXACT', lo: 5, hi: 5, point: 5 } },
    ],
    summary: 'A car bomb went off near a restaurant.',
    tags: ['mosul'],
    confidential: {
      exactLocation: { latitude: 36.3401, longitude: 43.1302 },
      sourceContact: 'a number',
      victims: [{ subjectRef: 'v-1', name: 'A. B.', age: 30 }],
    },
  };
}

/** UNAMI's figure of October 2018, as in the contract. */
export function sampleAggregate(): Record<string, unknown> {
  const value = (count: number): object => ({ qualifier: 'EXACT', lo: count, hi: count });
  return {
    seriesId: 'unami-civilian-casualties',
    publisher: { name: 'UNAMI', kind: 'UN' },
    indicator: 'KILLED',
    statusDefinition: 'CIVILIANS_INCLUDING_POLICE',
    period: { start: '2018-10-01', end: '2018-10-31' },
    area: { code: 'IQ' },
    value: value(69),
    breakdown: [
      { area: { code: 'IQ-NI' }, value: value(29) },
      { area: { code: 'IQ-BG' }, value: value(29) },
      { area: { code: 'IQ-AN' }, value: value(5) },
    ],
    publishedAt: '2018-11-01T00:00:00Z',
    dataCutoff: '2018-10-31',
    coverageExclusions: [{ code: 'IQ-AN', reason: 'figures of the Health Directorate only' }],
    verification: 'absolute minimum',
    kind: 'OFFICIAL_AGGREGATE',
    revisionOf: null,
    source: { name: 'UN Iraq', kind: 'UN', url: 'https://example.org/unami', relayedFrom: [] },
  };
}

/** What the Kurdistan Region Security Council said of October 2018: no numbers. */
export function sampleTrend(): Record<string, unknown> {
  return {
    trendId: 'krsc-2018-10-vbied',
    metric: 'VBIED_ATTACKS',
    direction: 'RE_EMERGENCE',
    since: null,
    areas: [{ code: 'IQ-KI' }, { name: 'Mosul' }],
    period: { start: '2018-10-01', end: '2018-10-31' },
    publisher: { name: 'KRSC', kind: 'STATE_MILITARY' },
    publishedAt: '2018-11-09T12:00:00Z',
    by: { name: 'a spokesperson', kind: 'WITNESS' },
    magnitude: null,
    source: { name: 'Kurdistan 24', kind: 'MEDIA_NATIONAL' },
  };
}

/** The mass graves of the UN report of 6 November 2018. */
export function sampleSite(): Record<string, unknown> {
  const value = (count: number): object => ({ qualifier: 'EXACT', lo: count, hi: count });
  return {
    siteRef: 'un-2018-11-06-mass-graves',
    kind: 'MASS_GRAVE',
    count: value(202),
    area: { code: 'IQ' },
    breakdown: [{ area: { code: 'IQ-NI' }, value: value(95) }],
    victims: { qualifier: 'BETWEEN', lo: 6000, hi: 12_000 },
    bodiesExhumed: value(1258),
    eventPeriod: { start: '2014-06-01', end: '2017-12-31' },
    discovered: '2018-11-06',
    publishedAt: '2018-11-06T00:00:00Z',
    publisher: { name: 'UNAMI/OHCHR', kind: 'UN' },
    source: { name: 'UN Iraq', kind: 'UN', url: 'https://example.org/graves' },
  };
}

export const STRUCTURED = 'application/cloudevents+json; charset=UTF-8';

/** A structured CloudEvent around some data. */
export function sampleEvent(data: unknown = sampleReport(), more: object = {}): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: 'e-1',
    source: 'urn:publisher:mosul-eye',
    type: TYPES.REPORT,
    time: '2018-11-09T07:12:00.123Z',
    datacontenttype: 'application/json',
    ...more,
    data,
  };
}

/** A Kafka message in structured mode whose value is this text or these bytes. */
export function structured(value: string | Buffer | object): RawMessage {
  const text = Buffer.isBuffer(value) || typeof value === 'string' ? value : JSON.stringify(value);
  return { key: null, value: Buffer.from(text as string), headers: { 'content-type': Buffer.from(STRUCTURED) } };
}

/** A Kafka message in binary mode. */
export function binary(data: string | Buffer | object | null, headers: RawMessage['headers'] = {}): RawMessage {
  const text = Buffer.isBuffer(data) || typeof data === 'string' ? data : JSON.stringify(data);
  return {
    key: null,
    value: data === null ? null : Buffer.from(text as string),
    headers: {
      'content-type': Buffer.from('application/json'),
      ce_specversion: Buffer.from('1.0'),
      ce_id: Buffer.from('e-1'),
      ce_source: Buffer.from('urn:publisher:mosul-eye'),
      ce_type: Buffer.from(TYPES.REPORT),
      ...headers,
    },
  };
}
