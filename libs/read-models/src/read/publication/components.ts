import {
  countingReports,
  type DecisionState,
  type IncidentClaims,
  type IncidentHome,
  membersOf,
  type ReportState,
  rootOf,
} from '#app/domain';
import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { decisionsOfIncidents, homesOfIncidents, publishedReports, reportsOfIncidents } from './components.sql.js';
import {
  type DecisionRow,
  newestOf,
  ofEvents,
  type ReportRow,
  toDecisionState,
  toReportState,
} from './recorded-rows.js';

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
