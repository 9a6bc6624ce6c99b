import {
  type ConversionPolicy,
  conversionPolicy1,
  type Placement,
  type Placements,
  type PublicReport,
} from '#app/domain';
import { type EventDataByType, type PreparedEvent, uuidV7 } from '#app/log';
import type { IncidentStory } from './incident-story.js';

type Random = (below: number) => number;

const INCIDENTS = 9;
const COUNTRIES = ['IQ', 'SY'];
const AREAS = ['IQ-NI', 'IQ-AR', null];
const TYPES = ['IED_ATTACK', 'AIR_STRIKE'] as const;
export const FURTHER_SET = 'other-set';

/**
 * A log in which stewards decide at random between reports that arrive at random: nothing is ruled out that ingest would
 * record. Every merge, split, grade and place meets reports, revisions and withdrawals before and after it.
 */
export class DecisionStory {
  readonly #roots = new Set(Array.from({ length: INCIDENTS }, (_, incident) => incident));
  readonly #merges: { id: string; survivor: number; absorbed: number[] }[] = [];
  readonly #placeable: number[] = [];
  #position: number;
  #policy = 1;
  #snapshots = 0;
  #setIsActive = false;

  /** @param first position of the first event */
  constructor(
    readonly story: IncidentStory,
    readonly random: Random,
    first = 4,
  ) {
    this.#position = first;
  }

  events(count: number): PreparedEvent[] {
    return Array.from({ length: count }, () => {
      const event = this.#next();
      if (event.type === 'ReportRecorded' || event.type === 'IncidentRelocated') this.#placeable.push(this.#position);
      this.#position += 1;
      return event;
    });
  }

  #next(): PreparedEvent {
    switch (this.random(24)) {
      case 0:
        return this.#merge() ?? this.#report();
      case 1:
        return this.#revert() ?? this.#report();
      case 2:
      case 3:
        return this.#split();
      case 4:
        return this.#withdrawal();
      case 5:
        return this.#on('IncidentVerified', (incident) => ({
          incident,
          grade: this.#pick(['CONFIRMED', 'DISCOUNTED', null]),
        }));
      case 6:
        return this.#on('IncidentReclassified', (incident) => ({ incident, classification: this.#classification() }));
      case 7:
        return this.#on('IncidentRedated', (incident) => ({ incident, occurred: this.#occurred() }));
      case 8:
        return this.#on('IncidentRelocated', (incident) => ({ incident, ...this.#place() }));
      case 9:
        return this.#on('IncidentRetracted', (incident) => ({ incident }));
      case 10:
      case 11:
        return this.#on('IncidentReinstated', (incident) => ({ incident }));
      case 12:
        return this.#ofTheLog();
      default:
        return this.#report();
    }
  }

  #merge(): PreparedEvent | null {
    const [survivor, ...absorbed] = [...this.#roots].toSorted(() => this.random(3) - 1).slice(0, 2 + this.random(2));
    if (survivor === undefined || absorbed.length === 0) return null;
    const id = uuidV7();
    this.#merges.push({ id, survivor, absorbed });
    for (const incident of absorbed) this.#roots.delete(incident);
    const ids = absorbed.map((incident) => this.story.id(incident));
    const data = { survivor: this.story.id(survivor), absorbed: ids };
    return this.story.decision('IncidentsMerged', data, { on: [data.survivor, ...ids], id });
  }

  #revert(): PreparedEvent | null {
    const [merge] = this.#merges.splice(this.random(Math.max(this.#merges.length, 1)), 1);
    if (merge === undefined) return null;
    for (const incident of merge.absorbed) this.#roots.add(incident);
    const absorbed = merge.absorbed.map((incident) => this.story.id(incident));
    const data = { merge: merge.id, survivor: this.story.id(merge.survivor), absorbed };
    return this.story.decision('MergeReverted', data, { on: [data.survivor, ...absorbed] });
  }

  #split(): PreparedEvent {
    const [from, home] = [this.random(INCIDENTS), this.random(INCIDENTS)];
    const makesOne = this.random(4) === 0;
    const ref = `made-${this.random(3)}`;
    const into = makesOne ? this.story.idOf(ref) : this.story.id((from + 1 + this.random(INCIDENTS - 1)) % INCIDENTS);
    const source = this.story.ceSource;
    const reports = [0, 1].map(() => ({
      source,
      reportId: reportId(this.random(3) === 0 ? home : from, this.random(4)),
    }));
    const incident = this.story.id(from);
    const data = { incident, into, ref: makesOne ? { source, ref } : null, reports };
    return this.story.decision('IncidentSplit', data, { on: [incident, into] });
  }

  #on<
    T extends
      | 'IncidentVerified'
      | 'IncidentReclassified'
      | 'IncidentRedated'
      | 'IncidentRelocated'
      | 'IncidentRetracted'
      | 'IncidentReinstated',
  >(type: T, dataOf: (incident: string) => EventDataByType[T]): PreparedEvent {
    const incident = this.random(8) === 0 ? this.story.idOf('made-0') : this.story.id(this.random(INCIDENTS));
    return this.story.decision(type, dataOf(incident), { on: [incident] });
  }

  #ofTheLog(): PreparedEvent {
    const [a, b] = [this.story.id(this.random(4)), this.story.id(4 + this.random(4))].toSorted() as [string, string];
    switch (this.random(5)) {
      case 0:
        this.#policy = this.#policy === 1 ? 2 : 1;
        return this.story.decision('ConversionPolicyActivated', {
          name: String(this.#policy),
          sha256: 'd'.repeat(64),
          ...(this.#policy === 1 ? {} : { policy: policy2 }),
        });
      case 1:
        this.#setIsActive = true;
        return this.story.decision('BoundarySetActivated', { name: FURTHER_SET, sha256: 'e'.repeat(64) });
      case 2:
        return this.story.decision('SnapshotSealed', { name: `snapshot-${this.#snapshots++}`, projection: 2 });
      case 3:
        return this.story.decision('DuplicateRejected', { a, b }, { on: [a, b] });
      default:
        return this.#placing();
    }
  }

  #placing(): PreparedEvent {
    const some = this.#placeable.filter(() => this.random(3) === 0);
    const placed = [this.#placement('other'), this.#placement('another')].map((placement, half) => ({
      placement,
      positions: some.filter((position) => position % 2 === half),
    }));
    return this.story.decision('IncidentsPlaced', { boundary: FURTHER_SET, placed });
  }

  #withdrawal(): PreparedEvent {
    const incident = this.random(INCIDENTS);
    return this.story.withdrawal(incident, reportId(incident, this.random(4)));
  }

  #report(): PreparedEvent {
    const incident = this.random(12) === 0 ? 1000 + this.#position : this.random(INCIDENTS);
    return this.story.report({
      incident,
      reportId: reportId(incident, this.random(4)),
      revision: 1 + this.random(4),
      outlet: `Outlet ${this.random(3)}`,
      publishedAt: `2018-11-${String(10 + this.random(9))}T0${this.random(9)}:00:00Z`,
      date: this.#pick(['2018-10-31', '2018-11-08']),
      country: this.#pick(COUNTRIES),
      incidentType: this.#pick(TYPES),
      weapons: this.#pick([undefined, [{ type: 'IED', delivery: 'VBIED' }], [{ type: 'FIREARM' }]]),
      placements: this.#placements(),
      casualties: (['KILLED', 'INJURED'] as const).flatMap((measure) =>
        this.random(3) === 0 ? [] : [{ measure, value: this.#value() }],
      ),
    });
  }

  #value(): NonNullable<PublicReport['casualties']>[number]['value'] {
    const lo = this.random(20);
    if (this.random(3) === 0) return { qualifier: 'VAGUE', phrase: this.#pick(['dozens', 'several', 'hundreds']) };
    if (this.random(4) === 0) return { qualifier: 'UNKNOWN' };
    return this.random(3) === 0
      ? { qualifier: 'AT_LEAST', lo, hi: null }
      : { qualifier: 'EXACT', lo, hi: lo, point: lo };
  }

  #classification(): EventDataByType['IncidentReclassified']['classification'] {
    return this.#pick<EventDataByType['IncidentReclassified']['classification']>([
      null,
      { incidentType: 'ARMED_CLASH' },
      { weapons: [{ type: 'IED', delivery: 'UVIED' }], perpetrators: ['Somebody'] },
      { incidentType: 'ASSASSINATION', weapons: [], targets: ['POLICE'] },
    ]);
  }

  #occurred(): EventDataByType['IncidentRedated']['occurred'] {
    return this.#pick<EventDataByType['IncidentRedated']['occurred']>([
      null,
      { start: '2018-09-30', end: '2018-10-01', precision: 'DAY' },
      { start: '2018-01-01', end: '2018-12-31', precision: 'YEAR' },
    ]);
  }

  #place(): Omit<EventDataByType['IncidentRelocated'], 'incident'> {
    if (this.random(3) === 0) return { place: null, placements: null };
    return {
      place: { name: 'decided', country: 'TR', latitude: 0.1, longitude: -1e-7 },
      placements: this.#placements(),
    };
  }

  #placements(): Placements {
    const placements: Placements = { 'iso-3166': this.#placement(this.#pick(AREAS)) };
    if (this.#setIsActive) placements[FURTHER_SET] = this.#placement('third');
    return placements;
  }

  #placement(admin1: string | null): Placement {
    return { country: 'IQ', admin1, admin2: null, admin3: null, precision: 'ADM1' };
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.random(list.length)] as T;
  }
}

function reportId(incident: number, number: number): string {
  return `report-${incident}-${number}`;
}

/** Another reading of vague words, as a steward would bring it along. */
export const policy2: ConversionPolicy = {
  ...conversionPolicy1,
  version: 2,
  phrases: { ...conversionPolicy1.phrases, en: { dozens: [36, 99], several: [3, 9] } },
};
