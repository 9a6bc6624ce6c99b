import { TYPES } from '#app/contract';
import type { RawMessage } from '../support/kafka.js';

/** A repeatable source of numbers in [0, 1) (mulberry32): the same seed gives the same reports on every machine. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const GOVERNORATES = ['IQ-NI', 'IQ-BG', 'IQ-AN', 'IQ-DI', 'IQ-KI', 'IQ-SD', 'IQ-BB', 'IQ-AR', 'IQ-BA', 'IQ-KA'];
const TYPES_OF_INCIDENT = ['ARMED_CLASH', 'IED_ATTACK', 'ATTACK_ON_CIVILIANS', 'AIR_STRIKE', 'ASSASSINATION'];
const SOURCE = 'https://bench.example.org/desk';

/** The `index`-th report, about 1 KB as a message; every second one has committed values. One incident in four gets a second report. */
export function benchReport(index: number, random: () => number): { key: string; event: Record<string, unknown> } {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const incident = index % 4 === 3 ? index - 1 : index;
  const ref = `2018-incident-${incident}`;
  const month = String(1 + Math.floor(random() * 12)).padStart(2, '0');
  const day = String(1 + Math.floor(random() * 28)).padStart(2, '0');
  const date = `2018-${month}-${day}`;
  const killed = Math.floor(random() * 8);
  const data = {
    reportId: `report-${index}`,
    revision: 1,
    incident: { ref },
    publishedAt: `${date}T18:00:00Z`,
    language: 'en',
    source: { name: `Outlet ${index % 17}`, kind: 'MEDIA_NATIONAL', license: 'all rights reserved' },
    occurred: { start: date, end: date, precision: 'DAY', timeZone: 'Asia/Baghdad' },
    place: {
      name: `Village ${Math.floor(random() * 5000)} on the road to the district centre`,
      country: 'IQ',
      admin: [{ code: pick(GOVERNORATES), authority: 'ISO 3166-2' }],
      latitude: Math.round((30 + random() * 7) * 1e5) / 1e5,
      longitude: Math.round((40 + random() * 7) * 1e5) / 1e5,
      precision: 'SETTLEMENT',
    },
    classification: {
      incidentType: pick(TYPES_OF_INCIDENT),
      civilianTargeting: 'UNKNOWN',
      weapons: [{ type: 'IED', delivery: 'ROADSIDE', initiation: 'UNKNOWN' }],
    },
    actors: [{ name: 'Islamic State', type: 'REBEL_GROUP', role: 'PERPETRATOR', attribution: 'ALLEGED' }],
    casualties: [
      { measure: 'KILLED', value: { qualifier: 'EXACT', lo: killed, hi: killed, point: killed } },
      { measure: 'INJURED', value: { qualifier: 'AT_LEAST', lo: killed, hi: null } },
    ],
    ...(index % 2 === 0 ? {} : committed(index)),
  };
  const event = {
    specversion: '1.0',
    id: `bench-${index}`,
    source: SOURCE,
    type: TYPES.REPORT,
    datacontenttype: 'application/json',
    data,
  };
  return { key: `${SOURCE}|${ref}`, event };
}

function committed(index: number): Record<string, unknown> {
  return {
    summary: `A vehicle of the ${index % 90}th brigade was hit on its way to the market; the wounded were taken to the hospital.`,
    tags: ['road', 'vehicle'],
    confidential: { sourceContact: `+964 770 ${String(index).padStart(7, '0')}` },
  };
}

/** `count` reports as Kafka messages in structured mode. */
export function benchMessages(from: number, count: number): RawMessage[] {
  const random = seeded(from + 1);
  return Array.from({ length: count }, (_, i) => {
    const { key, event } = benchReport(from + i, random);
    return {
      key,
      value: JSON.stringify(event),
      headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8' },
    };
  });
}

/** Of one call of `benchMessages`, and of one request to Kafka, which takes no larger one than 1 MiB a partition. */
const CHUNK = 2_000;

/** `benchMessages` in the pieces in which they are published: the same, whoever asks for them. */
export function* publishedReports(from: number, count: number): Generator<RawMessage[]> {
  for (let start = 0; start < count; start += CHUNK) yield benchMessages(from + start, Math.min(CHUNK, count - start));
}
