import { isSameReport, membersOf, rootOf } from './component.js';
import type { IncidentSplitData, ReportName } from './decision-data.js';
import type { DecisionBodies, DecisionEvent, DecisionKind, DecisionState, Incidents } from './decision-state.js';

/** What a decision closes and opens on one incident. */
export interface DecisionChange {
  incidentId: string;
  closed: DecisionState[];
  opened: DecisionState[];
}

/**
 * The rows that a decision closes and opens, per incident (domain rule 10). Pure: the caller moves the rows on.
 * What is asked for but cannot be (a merge into itself, a merge that was reverted before) changes nothing.
 * @param incidents every incident that the event names, and all that hangs together with them
 */
export function applyDecision(incidents: Incidents, event: DecisionEvent): DecisionChange[] {
  const changes = new Changes(incidents, event);
  if (event.type === 'IncidentsMerged') merge(changes, event.data);
  else if (event.type === 'MergeReverted') revertMerge(changes, event.data);
  else if (event.type === 'IncidentSplit') split(changes, event.data);
  else changes.replace(event.data.incident, ...decided(event));
  return changes.list();
}

type Attribute = Exclude<DecisionKind, 'MERGED_INTO' | 'ABSORBED' | 'SPLIT_OUT' | 'SPLIT_IN'>;
type Decided = { [K in Attribute]: [kind: K, body: DecisionBodies[K] | null] }[Attribute];
type AttributeEvent = Exclude<DecisionEvent, { type: 'IncidentsMerged' | 'MergeReverted' | 'IncidentSplit' }>;

/** The kind of row and what it says; null where the claims decide again. */
function decided(event: AttributeEvent): Decided {
  switch (event.type) {
    case 'IncidentVerified':
      return ['VERIFIED', event.data.grade && { grade: event.data.grade }];
    case 'IncidentReclassified':
      return ['RECLASSIFIED', event.data.classification && { classification: event.data.classification }];
    case 'IncidentRedated':
      return ['REDATED', event.data.occurred && { occurred: event.data.occurred }];
    case 'IncidentRelocated':
      return ['RELOCATED', event.data.place && { place: event.data.place, placements: event.data.placements ?? {} }];
    case 'IncidentRetracted':
      return ['RETRACTED', {}];
    case 'IncidentReinstated':
      break;
  }
  return ['RETRACTED', null];
}

function merge(changes: Changes, { survivor, absorbed }: { survivor: string; absorbed: readonly string[] }): void {
  for (const incidentId of absorbed) {
    // Merges form a tree: an incident has one parent, and none is its own ancestor.
    if (changes.standing(incidentId).some(({ kind }) => kind === 'MERGED_INTO')) continue;
    if (rootOf(changes.incidents, survivor) === incidentId || survivor === incidentId) continue;
    changes.open(incidentId, 'MERGED_INTO', {}, survivor);
    changes.open(survivor, 'ABSORBED', {}, incidentId);
  }
}

function revertMerge(
  changes: Changes,
  { merge: eventId, survivor, absorbed }: { merge: string; survivor: string; absorbed: readonly string[] },
): void {
  for (const incidentId of [survivor, ...absorbed]) {
    for (const state of changes.standing(incidentId)) {
      const isMerge = state.kind === 'MERGED_INTO' || state.kind === 'ABSORBED';
      if (isMerge && state.eventId === eventId) changes.close(incidentId, state);
    }
  }
}

/** A report is held by its home, or by where an earlier split has put it; splitting it back ends that split. */
function split(changes: Changes, { incident, into, ref, reports }: IncidentSplitData): void {
  for (const { source, reportId } of reports) {
    const report = { source, reportId };
    const home = homeOf(changes, incident, report);
    const out = splitOf(changes, home, report);
    if ((out?.other ?? home) === into) continue;
    if (out) closeSplit(changes, home, out);
    if (home === into) continue;
    changes.open(home, 'SPLIT_OUT', report, into);
    changes.open(into, 'SPLIT_IN', { ...report, ref }, home);
  }
}

/** The incident under which the report was recorded: the one named, one merged into it, or one it was split from. */
function homeOf(changes: Changes, incidentId: string, report: ReportName): string {
  for (const member of [incidentId, ...membersOf(changes.incidents, rootOf(changes.incidents, incidentId))]) {
    for (const state of changes.standing(member)) {
      if (state.kind === 'SPLIT_IN' && isSameReport(state.body, report)) return state.other as string;
    }
    const recorded = changes.incidents.get(member)?.reports.some((own) => isSameReport(own, report)) ?? false;
    if (recorded) return member;
  }
  return incidentId;
}

type Split = DecisionState & { kind: 'SPLIT_OUT' };

/** The split of a report that stands, by its end at the report's home. */
function splitOf(changes: Changes, home: string, report: ReportName): Split | undefined {
  return changes
    .standing(home)
    .find((state): state is Split => state.kind === 'SPLIT_OUT' && isSameReport(state.body, report));
}

/** Ends a split, at both ends. */
function closeSplit(changes: Changes, home: string, out: Split): void {
  changes.close(home, out);
  const holder = out.other as string;
  for (const state of changes.standing(holder)) {
    if (state.kind === 'SPLIT_IN' && isSameReport(state.body, out.body)) changes.close(holder, state);
  }
}

/** The changes of one event, by incident. */
class Changes {
  readonly #changes = new Map<string, DecisionChange>();
  #opened = 0;

  constructor(
    readonly incidents: Incidents,
    readonly event: DecisionEvent,
  ) {}

  /** Decisions on an incident that stand after what this event has changed so far. */
  standing(incidentId: string): DecisionState[] {
    const change = this.#changes.get(incidentId);
    const before = this.incidents.get(incidentId)?.decisions ?? [];
    if (change === undefined) return [...before];
    return [...before.filter((state) => !change.closed.includes(state)), ...change.opened];
  }

  /** The newest decision of a kind holds as a whole. */
  replace(incidentId: string, ...[kind, body]: Decided): void {
    const standing = this.standing(incidentId).filter((state) => state.kind === kind);
    if (kind === 'RETRACTED' && body !== null && standing.length > 0) return;
    for (const state of standing) this.close(incidentId, state);
    if (body !== null) this.open(incidentId, kind, body, null);
  }

  close(incidentId: string, state: DecisionState): void {
    const change = this.#of(incidentId);
    if (change.opened.includes(state)) change.opened = change.opened.filter((opened) => opened !== state);
    else change.closed.push(state);
  }

  open<K extends DecisionKind>(incidentId: string, kind: K, body: DecisionBodies[K], other: string | null): void {
    const { position, eventId, actor } = this.event;
    const seq = this.#opened++;
    this.#of(incidentId).opened.push({ kind, position, seq, eventId, other, actor, body } as DecisionState);
  }

  list(): DecisionChange[] {
    return [...this.#changes.values()].filter(({ closed, opened }) => closed.length > 0 || opened.length > 0);
  }

  #of(incidentId: string): DecisionChange {
    let change = this.#changes.get(incidentId);
    if (change === undefined) {
      change = { incidentId, closed: [], opened: [] };
      this.#changes.set(incidentId, change);
    }
    return change;
  }
}
