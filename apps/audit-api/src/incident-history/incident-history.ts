import {
  applyDecision,
  applyToIncident,
  builtInPolicy,
  type ConversionPolicy,
  conversionPolicy1,
  type DecisionState,
  foldComponent,
  foldMember,
  type IncidentClaims,
  type IncidentEvent,
  type IncidentFigures,
  type IncidentsPlacedData,
  type Placement,
  type ReportState,
  rootOf,
  withPlacement,
} from '#app/domain';
import { parseLeaf, type RecordedEvent } from '#app/log';
import { decisionEventOf } from './decision-leaves.js';
import { type FieldChange, fieldChanges } from './field-changes.js';
import { reasonOf } from './reason-of.js';

/** One event on an incident, and what it changed. */
export interface HistoryEntry {
  position: number;
  recordedAt: string;
  eventId: string;
  type: string;
  /** Of the incident's own stream; null where the event is in another one and has changed this incident all the same. */
  streamVersion: number | null;
  /** The publisher, or who decided. */
  actor: string;
  /** By which report; null for what is not a report. */
  report: { source: string; reportId: string; revision: number | null; publishedAt: string | null } | null;
  /** By which decision, as recorded; null for what is none. */
  decision: object | null;
  /** Why the figures changed, or why they did not. */
  why: string;
  changes: FieldChange[];
}

/**
 * Refolds an incident from leaves and tells what each event changed, field by field: its own events, those of incidents
 * that were merged or split with it, placements by boundary sets that were activated later, and the activation of
 * conversion policies. Reads nothing but leaves: anyone who has them comes to the same history.
 *
 * @param leaves in the order of the log, of the incident's component and of the policies
 */
export function incidentHistory(leaves: readonly string[], incidentId: string): HistoryEntry[] {
  const ledger = new SmallLedger();
  let before: unknown = null;
  return leaves.flatMap((text) => {
    const leaf = parseLeaf(text);
    const known = ledger.reportsOf(leaf.stream);
    ledger.apply(leaf);
    const after = ledger.visible(incidentId);
    const changes = fieldChanges(before ?? {}, after ?? {});
    before = after;
    const streamVersion = versionIn(leaf, incidentId);
    if (streamVersion === null && changes.length === 0) return [];
    return {
      position: leaf.position,
      recordedAt: leaf.recordedAt,
      eventId: leaf.id,
      type: leaf.type,
      streamVersion,
      actor: leaf.actor,
      report: reportOf(leaf),
      decision: decisionEventOf(leaf)?.data ?? null,
      why: reasonOf(leaf, known, incidentId),
      changes,
    };
  });
}

/** The incidents of one component, in memory. */
class SmallLedger {
  readonly #incidents = new Map<string, { reports: readonly ReportState[]; decisions: readonly DecisionState[] }>();
  /** Whose incident each is, as its own reports said last: it stays so when they are withdrawn. */
  readonly #homes = new Map<string, { source: string; ref: string | null }>();
  #policy: ConversionPolicy = conversionPolicy1;

  get(incidentId: string): IncidentClaims | undefined {
    const found = this.#incidents.get(incidentId);
    return found === undefined ? undefined : { ...found, home: this.#homes.get(incidentId) ?? null };
  }

  reportsOf(incidentId: string): readonly ReportState[] {
    return this.#incidents.get(incidentId)?.reports ?? [];
  }

  apply(leaf: RecordedEvent): void {
    const report = incidentEventOf(leaf);
    const decision = decisionEventOf(leaf);
    if (report !== null) {
      const { closed, opened } = applyToIncident(this.reportsOf(leaf.stream), report);
      const standing = this.reportsOf(leaf.stream).filter((state) => !closed.includes(state));
      this.#incidents.set(leaf.stream, {
        reports: [...standing, ...opened],
        decisions: this.#decisionsOn(leaf.stream),
      });
      const own = foldMember(this, leaf.stream, this.#policy);
      if (own !== null) this.#homes.set(leaf.stream, { source: own.publisher, ref: own.ref });
    } else if (decision !== null) {
      for (const { incidentId, closed, opened } of applyDecision(this, decision)) {
        const standing = this.#decisionsOn(incidentId).filter((state) => !closed.includes(state));
        this.#incidents.set(incidentId, { reports: this.reportsOf(incidentId), decisions: [...standing, ...opened] });
      }
    } else if (leaf.type === 'ConversionPolicyActivated') {
      const { name, policy } = leaf.data as { name: string; policy?: ConversionPolicy };
      this.#policy = policy ?? builtInPolicy(name) ?? this.#policy;
    } else if (leaf.type === 'IncidentsPlaced') {
      this.#place(leaf.data);
    }
  }

  /** Figures keyed by measure and part, so that a change reads `/figures/KILLED/TOTAL/hi`. */
  visible(incidentId: string): unknown {
    const root = rootOf(this, incidentId);
    const fold = root === incidentId ? foldComponent : foldMember;
    const incident: IncidentFigures | null = fold(this, incidentId, this.#policy);
    if (incident === null) return null;
    const figures: Record<string, Record<string, unknown>> = {};
    for (const { measure, part, ...figure } of incident.figures) {
      figures[measure] = { ...figures[measure], [part]: figure };
    }
    return { ...incident, figures, survivor: root === incidentId ? null : root };
  }

  /** It names events by their positions, whichever incident they are on. */
  #place({ boundary, placed }: IncidentsPlacedData): void {
    const placements = new Map<number, Placement>();
    for (const { placement, positions } of placed)
      for (const position of positions) placements.set(position, placement);
    for (const [incidentId, { reports, decisions }] of this.#incidents) {
      this.#incidents.set(incidentId, {
        reports: reports.map((state) => {
          const placement = placements.get(state.position);
          if (placement === undefined || state.body === null) return state;
          const body = { ...state.body, placements: withPlacement(state.body.placements, boundary, placement) };
          return { ...state, body };
        }),
        decisions: decisions.map((state) => {
          const placement = placements.get(state.position);
          if (placement === undefined || state.kind !== 'RELOCATED') return state;
          const body = { ...state.body, placements: withPlacement(state.body.placements, boundary, placement) };
          return { ...state, body };
        }),
      });
    }
  }

  #decisionsOn(incidentId: string): readonly DecisionState[] {
    return this.#incidents.get(incidentId)?.decisions ?? [];
  }
}

function incidentEventOf(leaf: RecordedEvent): IncidentEvent | null {
  if (leaf.source === null) return null;
  const at = { source: leaf.source.ceSource, position: leaf.position, eventId: leaf.id };
  if (leaf.type === 'ReportRecorded') return { type: leaf.type, data: leaf.data, ...at };
  if (leaf.type === 'ReportWithdrawn') return { type: leaf.type, data: leaf.data, ...at };
  return null;
}

function versionIn(leaf: RecordedEvent, incidentId: string): number | null {
  if (leaf.stream === incidentId) return leaf.streamVersion;
  return leaf.also?.find(({ stream }) => stream === incidentId)?.streamVersion ?? null;
}

function reportOf(leaf: RecordedEvent): HistoryEntry['report'] {
  const source = leaf.source?.ceSource ?? '';
  if (leaf.type === 'ReportRecorded') {
    const { reportId, revision, publishedAt } = leaf.data.report;
    return { source, reportId, revision, publishedAt };
  }
  if (leaf.type === 'ReportWithdrawn') {
    return { source, reportId: leaf.data.reportId, revision: null, publishedAt: null };
  }
  return null;
}
