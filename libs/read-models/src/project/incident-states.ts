import {
  type ConversionPolicy,
  type DecisionState,
  foldComponent,
  foldIncident,
  foldMember,
  type IncidentClaims,
  type IncidentFigures,
  type IncidentHome,
  type Incidents,
  type ReportRecordedData,
  type ReportState,
  rootOf,
} from '#app/domain';
import { mergedColumns, shownColumns, withdrawnColumns } from './version-columns.js';

/** A report that counts, with the text its body was parsed from. */
export interface ActiveReport {
  state: ReportState;
  text: string | null;
}

/** What the projection must know of an incident to fold its next event. */
export interface IncidentState {
  readonly incidentId: string;
  /** Recorded under this incident; a split may let some count elsewhere. */
  active: ActiveReport[];
  /** Decisions that stand. */
  decisions: readonly DecisionState[];
  /** As last known, and as last shown: what is left when no report is. */
  home: IncidentHome | null;
  last: IncidentFigures | null;
  /** What counts under this incident; null when nothing does, or when it counts under another. */
  figures: IncidentFigures | null;
  /** Number of the newest version, 0 before the first one, and the position from which on it shows. */
  version: number;
  versionFrom: number;
  /** The newest version as written, to see whether the next one differs; null when there is none. */
  shown: string | null;
}

/** An incident as it is kept between batches and as it is loaded: the rows of its reports, bodies not parsed. */
export interface KeptIncident {
  reports: KeptReport[];
  decisions: readonly DecisionState[];
  home: IncidentHome | null;
  /** Null while its own reports tell it. */
  last: IncidentFigures | null;
  version: number;
  versionFrom: number;
}
export type KeptReport = Omit<ReportState, 'body' | 'publishedAt'> & { text: string | null };

/** One or two bytes each: bounds what is kept, however large the incidents are. */
const KEPT_CHARACTERS_MAX = 8_000_000;
/** What an incident takes beside its reports. */
const INCIDENT_CHARACTERS = 500;
const NO_DECISIONS: readonly DecisionState[] = [];

/**
 * The most recently used incidents, so that a batch loads only what it meets for the first time.
 *
 * It mirrors what its transactions wrote: whoever rolls one back must `clear` it. Parsed reports live only while
 * an incident is open (they take ten times their text, and moving them through the heap cost more than parsing again);
 * nothing leaves within a batch, because a state that is not yet committed cannot be loaded again.
 */
export class IncidentStates implements Incidents {
  readonly #open = new Map<string, IncidentState>();
  readonly #kept = new Map<string, KeptIncident>();
  readonly knownPublishers = new Set<string>();
  #keptCharacters = 0;
  /** How many incidents this batch has touched and closed, and how many the one before. */
  #closed = 0;
  #closedBefore = 0;

  constructor(public policy: ConversionPolicy) {}

  has(incidentId: string): boolean {
    return this.#open.has(incidentId) || this.#kept.has(incidentId);
  }

  /** Of these incidents and all that hang together with them through decisions, those that must be loaded. */
  missing(incidentIds: Iterable<string>): string[] {
    const missing: string[] = [];
    const seen = new Set(incidentIds);
    for (const incidentId of seen) {
      const known = this.#open.get(incidentId) ?? this.#kept.get(incidentId);
      if (known === undefined) missing.push(incidentId);
      else for (const { other } of known.decisions) if (other !== null) seen.add(other);
    }
    return missing;
  }

  /** Puts in what was loaded. */
  keep(incidentId: string, incident: KeptIncident): void {
    this.#kept.set(incidentId, incident);
    this.#keptCharacters += charactersOf(incident);
  }

  /** The state of an incident, parsed, until it is closed; a new one when nothing is known of it. */
  open(incidentId: string): IncidentState {
    return this.#open.get(incidentId) ?? this.#restore(incidentId);
  }

  /** As the domain asks for incidents. */
  get(incidentId: string): IncidentClaims {
    const { active, decisions, home } = this.open(incidentId);
    return { reports: active.map(({ state }) => state), decisions, home };
  }

  /** Nothing more in this batch touches the incident by itself: its parsed reports go, their text is kept. */
  close(incidentId: string): void {
    const state = this.#open.get(incidentId);
    // Decisions tie it to others, which may still be touched.
    if (state === undefined || state.decisions.length > 0) return;
    this.#close(state);
  }

  /**
   * The end of a batch: the least recently used incidents go.
   *
   * Those of the last two batches stay, whatever their size: the batch before may still be on its way to the database
   * while the next one is folded, so that a load would find them as they were.
   */
  settle(): void {
    for (const state of [...this.#open.values()]) this.#close(state);
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

  /** What counts under an incident now; null when nothing does, or when it counts under another. */
  figuresOf(state: IncidentState): IncidentFigures | null {
    const { incidentId, active, decisions } = state;
    if (decisions.length > 0) {
      return rootOf(this, incidentId) === incidentId ? foldComponent(this, incidentId, this.policy) : null;
    }
    return foldIncident(
      active.map((report) => report.state),
      this.policy,
    );
  }

  /** The newest version of an incident as it should show, given its figures; null when it was never visible. */
  versionOf(state: IncidentState): string | null {
    const { incidentId, decisions, figures } = state;
    if (figures !== null) {
      state.last = figures;
      return shownColumns(figures);
    }
    const root = decisions.length > 0 ? rootOf(this, incidentId) : incidentId;
    const own = root === incidentId ? null : foldMember(this, incidentId, this.policy);
    state.last = own ?? (state.last && gradeAsDecided(state.last, decisions));
    if (root !== incidentId && state.last) return mergedColumns(state.last, own !== null, root);
    return state.last && withdrawnColumns(state.last);
  }

  #close(state: IncidentState): void {
    this.#open.delete(state.incidentId);
    this.#drop(state.incidentId);
    this.keep(state.incidentId, keptOf(state));
    this.#closed += 1;
  }

  #drop(incidentId: string): void {
    const kept = this.#kept.get(incidentId);
    if (kept === undefined) return;
    this.#kept.delete(incidentId);
    this.#keptCharacters -= charactersOf(kept);
  }

  /** As the batch that wrote the incident had left it, and with it all that hang together with it. */
  #restore(incidentId: string): IncidentState {
    const wanted = this.#parse(incidentId);
    const restored = [wanted];
    for (const { decisions } of restored) {
      for (const { other } of decisions)
        if (other !== null && !this.#open.has(other)) restored.push(this.#parse(other));
    }
    for (const state of restored) {
      state.figures = this.figuresOf(state);
      if (state.version > 0) state.shown = this.versionOf(state);
    }
    return wanted;
  }

  #parse(incidentId: string): IncidentState {
    const kept = this.#kept.get(incidentId);
    const state: IncidentState = {
      incidentId,
      active: kept?.reports.map(activeReport) ?? [],
      decisions: kept?.decisions ?? NO_DECISIONS,
      home: kept?.home ?? null,
      last: kept?.last ?? null,
      figures: null,
      version: kept?.version ?? 0,
      versionFrom: kept?.versionFrom ?? -1,
      shown: null,
    };
    this.#open.set(incidentId, state);
    return state;
  }
}

/**
 * What is last known of an incident without reports goes on as it was, but for its grade: a retraction holds, and once it is
 * taken back the grade is what a steward said, or that of an incident of which nobody is known to speak.
 */
function gradeAsDecided(last: IncidentFigures, decisions: readonly DecisionState[]): IncidentFigures {
  const isRetracted = decisions.some(({ kind }) => kind === 'RETRACTED');
  if (isRetracted === (last.verification === 'RETRACTED')) return last;
  if (isRetracted) return { ...last, verification: 'RETRACTED' };
  const decided = decisions.find((decision) => decision.kind === 'VERIFIED');
  return { ...last, verification: decided?.body.grade ?? 'REPORTED' };
}

function activeReport({ text, ...report }: KeptReport): ActiveReport {
  const body = text === null ? null : (JSON.parse(text) as ReportRecordedData);
  return { state: { ...report, publishedAt: body?.report.publishedAt ?? null, body }, text };
}

function keptOf({ active, decisions, home, last, figures, version, versionFrom }: IncidentState): KeptIncident {
  const reports = active.map(({ state, text }) => {
    const { kind, source, reportId, revision, position, eventId } = state;
    return { kind, source, reportId, revision, position, eventId, text };
  });
  return { reports, decisions, home, last: figures === null ? last : null, version, versionFrom };
}

function charactersOf({ reports }: KeptIncident): number {
  let characters = INCIDENT_CHARACTERS;
  for (const { text } of reports) characters += text?.length ?? 0;
  return characters;
}
