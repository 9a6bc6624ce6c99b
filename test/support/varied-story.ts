import {
  checkReport,
  type IncidentType,
  MEASURES,
  type Place,
  type Report,
  VICTIM_STATUSES,
  WEAPON_DELIVERIES,
  WEAPON_TYPES,
} from '#app/domain';
import { placeReport } from '#app/geography';
import { incidentIdOf, type PreparedEvent, prepareEvent, splitReport } from '#app/log';
import type { TestLog } from './log.js';

export const UCDP = 'https://ucdp.uu.se/ged';
export const MOSUL_EYE = 'https://mosul-eye.example/reports';

const PLACES: readonly Place[] = [
  {
    name: 'Mosul',
    country: 'IQ',
    admin: [{ code: 'IQ-NI', authority: 'ISO' }],
    latitude: 36.34,
    longitude: 43.13,
    precision: 'SETTLEMENT',
  },
  {
    name: 'Kirkuk province',
    country: 'IQ',
    admin: [{ code: 'IQ-KI', authority: 'ISO' }],
    latitude: 35.4,
    longitude: 44.3,
    precision: 'ADM1',
  },
  { name: 'Iraq', country: 'IQ', precision: 'COUNTRY' },
  {
    name: 'Aleppo',
    country: 'SY',
    admin: [{ code: 'SY-HL', authority: 'ISO' }],
    latitude: 36.2,
    longitude: 37.16,
    precision: 'EXACT_POINT',
  },
  { name: 'somewhere', precision: 'UNKNOWN' },
];
const TYPES: readonly IncidentType[] = ['IED_ATTACK', 'AIR_STRIKE', 'ARMED_CLASH'];
const DATES = [
  '2018-01-31',
  '2018-02-01',
  '2018-10-01',
  '2018-10-14',
  '2018-10-31',
  '2018-11-08',
  '2018-12-31',
  '2019-01-01',
];
const PRECISIONS = ['DAY', 'DAY', 'WEEK', 'MONTH', 'YEAR'] as const;

type Random = (below: number) => number;

/** Reports of two publishers that differ in everything that can be filtered or grouped, with parts, revisions, withdrawals. */
export class VariedStory {
  readonly #versions = new Map<string, number>();
  #offset = 0;

  constructor(
    readonly log: TestLog,
    readonly random: Random,
  ) {}

  events(count: number): PreparedEvent[] {
    return Array.from({ length: count }, () => this.next());
  }

  private next(): PreparedEvent {
    const { random } = this;
    const ceSource = random(3) === 0 ? MOSUL_EYE : UCDP;
    const ref = `incident-${random(40)}`;
    const reportId = `${ref}/report-${random(4)}`;
    if (random(12) === 0) return this.withdrawal(ceSource, ref, reportId);
    return this.report(ceSource, this.randomReport(ref, reportId));
  }

  report(ceSource: string, report: Report): PreparedEvent {
    const { public: open, committed } = splitReport(report, this.log.secrets.pseudonymKey);
    const placements = { 'iso-3166': placeReport(open.place) };
    const data = { report: open, disposition: 'APPLIED' as const, placements, flags: checkReport(open) };
    return this.event('ReportRecorded', [ceSource, report.incident.ref as string], data, committed);
  }

  withdrawal(ceSource: string, ref: string, reportId: string): PreparedEvent {
    return this.event('ReportWithdrawn', [ceSource, ref], { reportId, incident: { ref } });
  }

  randomReport(ref: string, reportId: string): Report {
    const { random } = this;
    const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
    const start = pick(DATES);
    const end = random(3) === 0 ? (DATES[Math.min(DATES.indexOf(start) + 1, DATES.length - 1)] as string) : start;
    return {
      reportId,
      revision: 1 + random(5),
      incident: { ref },
      publishedAt: `2018-11-${10 + random(9)}T0${random(9)}:00:00Z`,
      source: {
        name: `Outlet ${random(3)}`,
        kind: pick(['MEDIA_LOCAL', 'SOCIAL', 'NGO']),
        url: `https://outlet.example/${reportId}`,
      },
      occurred: { start, end, precision: pick(PRECISIONS) },
      place: pick(PLACES),
      classification: {
        incidentType: pick(TYPES),
        weapons: random(3) === 0 ? [] : [{ type: pick(WEAPON_TYPES), delivery: pick(WEAPON_DELIVERIES) }],
        targets: random(2) === 0 ? [] : [pick(['POWER_GRID', 'CIVILIANS', 'POLICE'])],
      },
      actors:
        random(2) === 0
          ? []
          : [{ name: pick(['Islamic State', 'Government of Iraq', '50%_\\ "group"']), role: 'PERPETRATOR' }],
      casualties: MEASURES.flatMap((measure) => (random(3) === 0 ? [] : this.randomClaims(measure))),
      summary: `summary of ${reportId}`,
      tags: ['first', 'second'],
      confidential: { sourceContact: `telephone of ${reportId}` },
    };
  }

  private randomClaims(measure: (typeof MEASURES)[number]): NonNullable<Report['casualties']> {
    const { random } = this;
    const parts = VICTIM_STATUSES.filter(() => random(4) === 0).map((status) => ({
      measure,
      status,
      ...(random(3) === 0 ? { role: 'COMMUNITY_LEADER' } : {}),
      value: this.randomValue(),
    }));
    return random(5) === 0 ? parts : [{ measure, value: this.randomValue() }, ...parts];
  }

  private randomValue(): NonNullable<Report['casualties']>[number]['value'] {
    const lo = this.random(20);
    switch (this.random(6)) {
      case 0:
        return { qualifier: 'UNKNOWN' };
      case 1:
        return { qualifier: 'AT_LEAST', lo, hi: null };
      case 2:
        return { qualifier: 'BETWEEN', lo, hi: lo + this.random(10) };
      case 3:
        return { qualifier: 'NONE_REPORTED', lo: 0, hi: 0 };
      default:
        return { qualifier: 'EXACT', lo, hi: lo, point: lo };
    }
  }

  private event<T extends 'ReportRecorded' | 'ReportWithdrawn'>(
    type: T,
    [ceSource, ref]: readonly [ceSource: string, ref: string],
    data: Parameters<typeof prepareEvent<T>>[0]['data'],
    committed: ReadonlyMap<string, unknown> = new Map(),
  ): PreparedEvent {
    const stream = incidentIdOf(ceSource, ref);
    const streamVersion = (this.#versions.get(stream) ?? 0) + 1;
    this.#versions.set(stream, streamVersion);
    const offset = this.#offset++;
    const source = {
      ceSource,
      ceId: `m-${offset}`,
      cluster: 'test',
      topic: 'conflict.reports.v1',
      partition: 0,
      offset,
      value: null,
    };
    return prepareEvent<T>(
      { type, stream, streamVersion, actor: ceSource, source, data, committed: new Map(committed) },
      { log: this.log.head.log, masterKey: this.log.masterKey },
    );
  }
}
