import type { Placements, PublicReport } from '#app/domain';
import { type EventDataByType, incidentIdOf, type PreparedEvent, prepareEvent, uuidV7 } from '#app/log';
import { createPool } from '#app/runtime';
import type pg from 'pg';
import { startLog, type TestLog } from './log.js';

/** A log and the rights of the projector on it. */
export interface TestProjection {
  log: TestLog;
  /** As ledger_projector. */
  pool: pg.Pool;
  close: () => Promise<void>;
}

export async function startProjection(): Promise<TestProjection> {
  const log = await startLog();
  const pool = createPool(log.url, { role: 'ledger_projector', max: 8 });
  return {
    log,
    pool,
    close: async () => {
      await pool.end();
      await log.close();
    },
  };
}

export interface ToldReport {
  incident: number;
  reportId: string;
  revision?: number;
  /** Name of the outlet, which is the claimant. */
  outlet?: string;
  publishedAt?: string;
  casualties?: PublicReport['casualties'];
  date?: string;
  country?: string;
  incidentType?: PublicReport['classification']['incidentType'];
  weapons?: PublicReport['classification']['weapons'];
  /** In ISO 3166; the country alone when absent. */
  placements?: Placements;
  place?: PublicReport['place'];
}

/** An event that a steward's decision became. */
type DecisionType = Exclude<keyof EventDataByType, 'ReportRecorded' | 'ReportWithdrawn'>;

/** The events that ingest would record of reports and withdrawals, in the order in which they are told. */
export class IncidentStory {
  readonly #versions = new Map<string, number>();
  #offset = 0;

  constructor(
    readonly log: TestLog,
    readonly ceSource = 'https://desk.example/',
  ) {}

  report(told: ToldReport): PreparedEvent {
    const { incident, reportId, revision = 1, outlet = 'Outlet', publishedAt = '2018-11-09T06:00:00Z' } = told;
    const { date = '2018-11-08', country = 'IQ', incidentType = 'IED_ATTACK', casualties = [], weapons } = told;
    const report: PublicReport = {
      reportId,
      revision,
      incident: { ref: `incident-${incident}` },
      publishedAt,
      source: { name: outlet, kind: 'MEDIA_LOCAL' },
      occurred: { start: date, end: date, precision: 'DAY' },
      place: told.place ?? { name: `town\t"of" \\ ${incident}`, country, precision: 'ADM1' },
      classification: { incidentType, ...(weapons ? { weapons } : {}) },
      casualties,
    };
    const placements: Placements = told.placements ?? {
      'iso-3166': { country, admin1: null, admin2: null, admin3: null, precision: 'COUNTRY' },
    };
    return this.#event('ReportRecorded', incident, { report, disposition: 'APPLIED', placements, flags: [] });
  }

  withdrawal(incident: number, reportId: string): PreparedEvent {
    return this.#event('ReportWithdrawn', incident, { reportId, incident: { ref: `incident-${incident}` } });
  }

  /** Ledger id of an incident of the story. */
  id(incident: number): string {
    return this.idOf(`incident-${incident}`);
  }

  idOf(ref: string): string {
    return incidentIdOf(this.ceSource, ref);
  }

  /**
   * A decision on the incidents of these ids, the first of them its stream. Without any it is in the stream of the log.
   * @param id of the event, when a later one has to name it
   */
  decision<T extends DecisionType>(
    type: T,
    data: EventDataByType[T],
    { on = [], id = uuidV7() }: { on?: readonly string[]; id?: string } = {},
  ): PreparedEvent {
    const [stream = this.log.head.log, ...also] = on;
    return prepareEvent<T>(
      {
        type,
        id,
        stream,
        streamVersion: this.#next(stream),
        also: also.map((further) => ({ stream: further, streamVersion: this.#next(further) })),
        actor: 'steward:Layla',
        source: this.#source('conflict.decisions.v1'),
        data,
      },
      { log: this.log.head.log, masterKey: this.log.masterKey },
    );
  }

  /** An event of the right type whose data nobody can fold. */
  unfoldable(incident: number): PreparedEvent {
    const report = { nonsense: true } as never;
    return this.#event('ReportRecorded', incident, { disposition: 'APPLIED', flags: [], placements: {}, report });
  }

  #event<T extends 'ReportRecorded' | 'ReportWithdrawn'>(
    type: T,
    incident: number,
    data: Parameters<typeof prepareEvent<T>>[0]['data'],
  ): PreparedEvent {
    const stream = this.id(incident);
    const context = { log: this.log.head.log, masterKey: this.log.masterKey };
    const { report, reportId = report?.reportId ?? null } = data as { report?: PublicReport; reportId?: string };
    return prepareEvent<T>(
      {
        type,
        stream,
        streamVersion: this.#next(stream),
        actor: this.ceSource,
        source: this.#source('conflict.reports.v1'),
        data,
        reportId,
        revision: report?.revision ?? null,
      },
      context,
    );
  }

  /** Number of the next event in a stream; four are in that of a new log. */
  #next(stream: string): number {
    const version = (this.#versions.get(stream) ?? (stream === this.log.head.log ? 4 : 0)) + 1;
    this.#versions.set(stream, version);
    return version;
  }

  #source(topic: string): NonNullable<Parameters<typeof prepareEvent>[0]['source']> {
    const offset = this.#offset++;
    const { ceSource } = this;
    return { ceSource, ceId: `message-${offset}`, cluster: 'test', topic, partition: 0, offset, value: null };
  }
}

/** Repeatable pseudo-random numbers (mulberry32). */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

const COUNTRIES = ['IQ', 'SY', 'YE'];
const MEASURES = ['KILLED', 'INJURED'] as const;

/**
 * Reports on few incidents, so that they meet: several outlets, revisions that overtake each other, later reports that
 * are silent on a measure, withdrawals before and after what they withdraw, and single-report incidents in between.
 * Date, place and type of an incident never differ, so that an independent fold can stay small.
 */
export function randomEvents(story: IncidentStory, random: (below: number) => number, count: number): PreparedEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const incident = random(4) === 0 ? 1000 + index : random(12);
    const reportId = `report-${incident}-${random(5)}`;
    if (random(9) === 0) return story.withdrawal(incident, reportId);
    return story.report({
      incident,
      reportId,
      revision: 1 + random(4),
      outlet: `Outlet ${random(3)}`,
      publishedAt: `2018-11-${String(10 + random(9))}T0${random(9)}:00:00Z`,
      date: `2018-${String(1 + (incident % 12)).padStart(2, '0')}-15`,
      country: COUNTRIES[incident % COUNTRIES.length],
      casualties: MEASURES.filter(() => random(3) > 0).map((measure) => ({ measure, value: randomValue(random) })),
    });
  });
}

function randomValue(random: (below: number) => number): NonNullable<PublicReport['casualties']>[number]['value'] {
  const lo = random(20);
  switch (random(4)) {
    case 0:
      return { qualifier: 'UNKNOWN' };
    case 1:
      return { qualifier: 'AT_LEAST', lo, hi: null };
    case 2:
      return { qualifier: 'BETWEEN', lo, hi: lo + random(10) };
    default:
      return { qualifier: 'EXACT', lo, hi: lo, point: lo };
  }
}
