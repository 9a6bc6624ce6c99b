import {
  countingReports,
  type DecisionState,
  type IncidentClaims,
  type IncidentHome,
  membersOf,
  type ReportRecordedData,
  type ReportState,
  rootOf,
} from '#app/domain';
import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { decisionsOfIncidents, homesOfIncidents, publishedReports, reportsOfIncidents } from './components.sql.js';

/** A report as one event recorded it, as of a position. */
export interface ReportRevision {
  /** The incident under which it was recorded. */
  incidentId: string;
  state: ReportState;
  /** The event that ended it: a higher revision, or its withdrawal. Null while it stands. */
  endedAt: number | null;
}

/**
 * Incidents with all that is folded together with them as of a position: what they absorbed or were absorbed by, and the
 * incidents whose reports were split into or out of them.
 */
export class Components {
  private constructor(
    private readonly asOf: AsOf,
    private readonly decisions: ReadonlyMap<string, readonly DecisionState[]>,
    /** The incidents asked for, and all that belong to their components. */
    private readonly ids: ReadonlySet<string>,
  ) {}

  static async read(tx: EntityManager, asOf: AsOf, incidentIds: readonly string[]): Promise<Components> {
    const decisions = new Map<string, DecisionState[]>();
    const known = new Set(incidentIds);
    for (let next = [...known]; next.length > 0; ) {
      const rows = await tx.query<DecisionRow[]>(decisionsOfIncidents(tablesOfGeneration(asOf.generation)), [
        next,
        asOf.position,
      ]);
      next = [];
      for (const row of rows) {
        decisions.set(row.incident_id, [...(decisions.get(row.incident_id) ?? []), toDecisionState(row)]);
        if (row.other === null || known.has(row.other)) continue;
        known.add(row.other);
        next.push(row.other);
      }
    }
    return new Components(asOf, decisions, known);
  }

  get incidentIds(): readonly string[] {
    return [...this.ids];
  }

  has(incidentId: string): boolean {
    return this.ids.has(incidentId);
  }

  decisionsOn(incidentId: string): readonly DecisionState[] {
    return this.decisions.get(incidentId) ?? [];
  }

  rootOf(incidentId: string): string {
    if (!this.decisions.has(incidentId)) return incidentId;
    return rootOf({ get: (id) => this.claimsOf(id, []) }, incidentId);
  }

  /** The incident and all that it absorbed. */
  membersOf(incidentId: string): string[] {
    return membersOf({ get: (id) => this.claimsOf(id, []) }, incidentId);
  }

  /** Members of a root, and the incidents under which reports that count in them were recorded. */
  homesOf(rootId: string): string[] {
    if (!this.decisions.has(rootId)) return [rootId];
    const members = this.membersOf(rootId);
    const split = members.flatMap((member) =>
      this.decisionsOn(member).flatMap(({ kind, other }) => (kind === 'SPLIT_IN' && other !== null ? [other] : [])),
    );
    return [...new Set([...members, ...split])];
  }

  /**
   * The reports that count in a root, whatever has become of them: recorded under it, under what it absorbed, or split
   * into one of these.
   */
  reportsIn(rootId: string, reports: readonly ReportRevision[]): ReportRevision[] {
    const byState = new Map(reports.map((report) => [report.state, report]));
    const byHome = new Map<string, ReportState[]>();
    for (const { incidentId, state } of reports) byHome.set(incidentId, [...(byHome.get(incidentId) ?? []), state]);
    const incidents = { get: (id: string) => this.claimsOf(id, byHome.get(id) ?? []) };
    const counting = this.membersOf(rootId).flatMap((member) => countingReports(incidents, member));
    return counting.flatMap((state) => byState.get(state) ?? []);
  }

  private claimsOf(
    incidentId: string,
    reports: readonly ReportState[],
    home: IncidentHome | null = null,
  ): IncidentClaims {
    return { reports, decisions: this.decisionsOn(incidentId), home };
  }

  /** For the fold: the reports that stand as of the position, or those of them that had been published by a moment. */
  async claims(
    tx: EntityManager,
    homeIds: readonly string[],
    until: Date | null,
  ): Promise<Map<string, IncidentClaims>> {
    const reports = new Map<string, ReportState[]>();
    for (const { incidentId, state, endedAt } of await this.reports(tx, homeIds, until)) {
      if (endedAt !== null) continue;
      const states = reports.get(incidentId);
      if (states === undefined) reports.set(incidentId, [state]);
      else states.push(state);
    }
    // Whose incident it is must be looked up only where another's reports may count in it.
    const decided = homeIds.filter((id) => this.decisions.has(id));
    const homes = decided.length === 0 ? new Map<string, IncidentHome>() : await this.homes(tx, decided);
    return new Map(homeIds.map((id) => [id, this.claimsOf(id, reports.get(id) ?? [], homes.get(id) ?? null)]));
  }

  /** Every revision of every report recorded under some incidents; with `until` the newest published by then. */
  async reports(tx: EntityManager, homeIds: readonly string[], until: Date | null): Promise<ReportRevision[]> {
    const tables = tablesOfGeneration(this.asOf.generation);
    const at = [homeIds, this.asOf.position];
    const rows =
      until === null
        ? ofEvents(await tx.query<ReportRow[]>(reportsOfIncidents(tables), at))
        : newestOf(ofEvents(await tx.query<ReportRow[]>(publishedReports(tables), [...at, until])));
    return rows.map((row) => ({
      incidentId: row.incident_id,
      state: toReportState(row),
      endedAt: row.to_position == null ? null : Number(row.to_position),
    }));
  }

  private async homes(tx: EntityManager, ids: readonly string[]): Promise<Map<string, IncidentHome>> {
    const rows = await tx.query<{ incident_id: string; publisher: string; ref: string | null }[]>(
      homesOfIncidents(tablesOfGeneration(this.asOf.generation)),
      [ids, this.asOf.position],
    );
    return new Map(rows.map(({ incident_id: id, publisher: source, ref }) => [id, { source, ref }]));
  }
}

interface DecisionRow {
  incident_id: string;
  from_position: string;
  seq: number;
  event_id: string;
  kind: DecisionState['kind'];
  other: string | null;
  actor: string;
  body: string;
}

function toDecisionState(row: DecisionRow): DecisionState {
  const { kind, seq, event_id: eventId, other, actor } = row;
  // What a row says fits its kind: the projection wrote both.
  const body: unknown = JSON.parse(row.body);
  return { kind, position: Number(row.from_position), seq, eventId, other, actor, body } as DecisionState;
}

/**
 * One row for each event. A report has several where it was placed again, in a further boundary set: it was recorded at the
 * first of them. While it stands, the newest says all; what is placed after its end says no more than the further areas.
 */
function ofEvents(rows: readonly ReportRow[]): ReportRow[] {
  const byEvent = new Map<string, ReportRow[]>();
  for (const row of rows) {
    const known = byEvent.get(row.event_id);
    if (known === undefined) byEvent.set(row.event_id, [row]);
    else known.push(row);
  }
  if (byEvent.size === rows.length) return [...rows];
  return [...byEvent.values()].map(ofOneEvent);
}

function ofOneEvent(rows: readonly ReportRow[]): ReportRow {
  const [first, ...further] = rows.toSorted((a, b) => Number(a.from_position) - Number(b.from_position)) as [
    ReportRow,
    ...ReportRow[],
  ];
  let whole = first;
  for (const row of further) {
    whole = row.is_beside
      ? { ...whole, body: withPlacementsOf(whole.body, row.body) }
      : { ...row, from_position: first.from_position };
  }
  return whole;
}

function withPlacementsOf(body: string | null, placed: string | null): string | null {
  if (body === null || placed === null) return body;
  const [whole, further] = [JSON.parse(body), JSON.parse(placed)] as [ReportRecordedData, ReportRecordedData];
  return JSON.stringify({ ...whole, placements: { ...whole.placements, ...further.placements } });
}

/** Of each report the highest revision, unless it was withdrawn. */
function newestOf(rows: readonly ReportRow[]): ReportRow[] {
  const newest = new Map<string, ReportRow>();
  for (const row of rows) {
    const name = `${row.incident_id} ${row.source} ${row.report_id}`;
    const known = newest.get(name);
    if (known === undefined || row.kind === 'WITHDRAWN' || (known.kind === 'REPORT' && isNewer(row, known))) {
      newest.set(name, row);
    }
  }
  return [...newest.values()].filter(({ kind }) => kind === 'REPORT');
}

function isNewer(a: ReportRow, b: ReportRow): boolean {
  return Number(a.revision) > Number(b.revision);
}

interface ReportRow {
  incident_id: string;
  from_position: string;
  to_position?: string | null;
  /** It never stood: a late revision, or the placement of one that was replaced before. */
  is_beside: boolean;
  event_id: string;
  kind: ReportState['kind'];
  source: string;
  report_id: string;
  revision: string;
  body: string | null;
}

function toReportState(row: ReportRow): ReportState {
  const body = row.body === null ? null : (JSON.parse(row.body) as ReportRecordedData);
  return {
    kind: row.kind,
    source: row.source,
    reportId: row.report_id,
    revision: Number(row.revision),
    position: Number(row.from_position),
    eventId: row.event_id,
    publishedAt: body?.report.publishedAt ?? null,
    body,
  };
}
