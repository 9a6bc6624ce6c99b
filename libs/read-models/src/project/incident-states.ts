import {
  type ConversionPolicy,
  foldIncident,
  type IncidentFigures,
  type ReportRecordedData,
  type ReportState,
} from '#app/domain';
import { shownColumns } from './version-columns.js';

/** A report that counts, with the text its body was parsed from. */
export interface ActiveReport {
  state: ReportState;
  text: string | null;
}

/** What the projection must know of an incident to fold its next event. */
export interface IncidentState {
  active: ActiveReport[];
  figures: IncidentFigures | null;
  /** Number of the newest version, 0 before the first one, and the position from which on it shows. */
  version: number;
  versionFrom: number;
  /** The newest version as written, to see whether the next one differs; null while it is WITHDRAWN or there is none. */
  shown: string | null;
}

/** An incident as it is kept between batches and as it is loaded: the rows of its reports, bodies not parsed. */
export interface KeptIncident {
  reports: KeptReport[];
  version: number;
  versionFrom: number;
}
export type KeptReport = Omit<ReportState, 'body' | 'publishedAt'> & { text: string | null };

/** One or two bytes each: bounds what is kept, however large the incidents are. */
const KEPT_CHARACTERS_MAX = 8_000_000;
/** What an incident takes beside its reports. */
const INCIDENT_CHARACTERS = 500;

/**
 * The most recently used incidents, so that a batch loads only what it meets for the first time.
 *
 * It mirrors what its transactions wrote: whoever rolls one back must `clear` it. Parsed reports live only while
 * an incident is open (they take ten times their text, and moving them through the heap cost more than parsing again);
 * nothing leaves within a batch, because a state that is not yet committed cannot be loaded again.
 */
export class IncidentStates {
  readonly #open = new Map<string, IncidentState>();
  readonly #kept = new Map<string, KeptIncident>();
  readonly knownPublishers = new Set<string>();
  #keptCharacters = 0;
  /** How many incidents this batch has touched and closed, and how many the one before. */
  #closed = 0;
  #closedBefore = 0;

  constructor(readonly policy: ConversionPolicy) {}

  has(incidentId: string): boolean {
    return this.#open.has(incidentId) || this.#kept.has(incidentId);
  }

  /** Puts in what was loaded. */
  keep(incidentId: string, incident: KeptIncident): void {
    this.#kept.set(incidentId, incident);
    this.#keptCharacters += charactersOf(incident);
  }

  /** The state of an incident, parsed, until it is closed; a new one when nothing is known of it. */
  open(incidentId: string): IncidentState {
    const open = this.#open.get(incidentId);
    if (open !== undefined) return open;
    const kept = this.#kept.get(incidentId);
    const state = kept === undefined ? unheardOf() : this.#restore(kept);
    this.#open.set(incidentId, state);
    return state;
  }

  /** Nothing more in this batch touches the incident: its parsed reports go, their text is kept. */
  close(incidentId: string): void {
    const state = this.#open.get(incidentId);
    if (state === undefined) return;
    this.#open.delete(incidentId);
    this.#drop(incidentId);
    this.keep(incidentId, keptOf(state));
    this.#closed += 1;
  }

  /**
   * The end of a batch: the least recently used incidents go.
   *
   * Those of the last two batches stay, whatever their size: the batch before may still be on its way to the database
   * while the next one is folded, so that a load would find them as they were.
   */
  settle(): void {
    let droppable = this.#kept.size - this.#closed - this.#closedBefore;
    this.#closedBefore = this.#closed;
    this.#closed = 0;
    for (const incidentId of this.#kept.keys()) {
      if (droppable <= 0 || this.#keptCharacters <= KEPT_CHARACTERS_MAX) return;
      this.#drop(incidentId);
      droppable -= 1;
    }
  }

  clear(): void {
    this.#open.clear();
    this.#kept.clear();
    this.knownPublishers.clear();
    this.#keptCharacters = 0;
    this.#closed = 0;
    this.#closedBefore = 0;
  }

  #drop(incidentId: string): void {
    const kept = this.#kept.get(incidentId);
    if (kept === undefined) return;
    this.#kept.delete(incidentId);
    this.#keptCharacters -= charactersOf(kept);
  }

  /** As the batch that wrote the incident had left it. */
  #restore({ reports, version, versionFrom }: KeptIncident): IncidentState {
    const active = reports.map(activeReport);
    const figures = foldIncident(
      active.map(({ state }) => state),
      this.policy,
    );
    return { active, figures, version, versionFrom, shown: figures === null ? null : shownColumns(figures) };
  }
}

function unheardOf(): IncidentState {
  return { active: [], figures: null, version: 0, versionFrom: -1, shown: null };
}

function activeReport({ text, ...report }: KeptReport): ActiveReport {
  const body = text === null ? null : (JSON.parse(text) as ReportRecordedData);
  return { state: { ...report, publishedAt: body?.report.publishedAt ?? null, body }, text };
}

function keptOf({ active, version, versionFrom }: IncidentState): KeptIncident {
  const reports = active.map(({ state, text }) => {
    const { kind, source, reportId, revision, position, eventId } = state;
    return { kind, source, reportId, revision, position, eventId, text };
  });
  return { reports, version, versionFrom };
}

function charactersOf({ reports }: KeptIncident): number {
  let characters = INCIDENT_CHARACTERS;
  for (const { text } of reports) characters += text?.length ?? 0;
  return characters;
}
