import {
  type ConversionPolicy,
  foldComponent,
  type IncidentClaims,
  type IncidentHome,
  type Incidents,
  rootOf,
} from '#app/domain';
import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { readPolicy } from '../as-of/policy.js';
import type { ChangeRange } from '../changes/changes.js';
import type { IncidentState } from '../incidents/incident-row.js';
import { stateOfFigures } from '../incidents/incident-state.js';
import { publishedReports } from './components.sql.js';
import { decisionsWithin, homesWithin, policiesWithin } from './published-history.sql.js';
import {
  type DecisionRow,
  newestOf,
  ofEvents,
  type ReportRow,
  toDecisionState,
  toReportState,
} from './recorded-rows.js';
import { withTied } from './ties.js';

/**
 * What had been published of some incidents by a moment, at every position of a range: read once, then folded in memory as
 * of one position after another. It holds whatever decisions tie to them.
 */
export class PublishedHistory {
  private constructor(
    private readonly reports: ReadonlyMap<string, readonly ReportRow[]>,
    private readonly decisions: ReadonlyMap<string, readonly Lasting<DecisionRow>[]>,
    private readonly homes: ReadonlyMap<string, readonly Lasting<HomeRow>[]>,
    /** In the order of their activation; the first one is in force where the range begins. */
    private readonly policies: readonly { from: number; policy: ConversionPolicy }[],
  ) {}

  static async read(
    tx: EntityManager,
    asOf: Pick<AsOf, 'generation'>,
    { range, incidentIds, until }: { range: ChangeRange; incidentIds: readonly string[]; until: Date },
  ): Promise<PublishedHistory> {
    const tables = tablesOfGeneration(asOf.generation);
    const { from, to } = range;
    const ids = [...(await withTied(tx, asOf, range, incidentIds))];
    const reports = await tx.query<ReportRow[]>(publishedReports(tables), [ids, to, until]);
    const decisions = byIncident(await tx.query<Lasting<DecisionRow>[]>(decisionsWithin(tables), [ids, from, to]));
    // Whose incident it is must be looked up only where another's reports may count in it.
    const decided = [...decisions.keys()];
    const homes =
      decided.length === 0 ? [] : await tx.query<Lasting<HomeRow>[]>(homesWithin(tables), [decided, from, to]);
    const activated = await tx.query<{ from_position: string }[]>(policiesWithin(tables), [from, to]);
    const policies: { from: number; policy: ConversionPolicy }[] = [];
    for (const position of [from, ...activated.map((row) => Number(row.from_position))]) {
      policies.push({ from: position, policy: await readPolicy(tx, { ...asOf, position }) });
    }
    return new PublishedHistory(byIncident(reports), decisions, byIncident(homes), policies);
  }

  /** @param position of the range, or the one before it */
  at(position: number): PublishedMoment {
    return new PublishedMoment((id) => this.claimsOf(id, position), this.policyAt(position));
  }

  private claimsOf(id: string, position: number): IncidentClaims {
    const recorded = (this.reports.get(id) ?? []).filter((row) => Number(row.from_position) <= position);
    const home = (this.homes.get(id) ?? []).find((row) => stands(row, position));
    return {
      reports: newestOf(ofEvents(recorded)).map(toReportState),
      decisions: (this.decisions.get(id) ?? []).filter((row) => stands(row, position)).map(toDecisionState),
      home: home === undefined ? null : { source: home.publisher, ref: home.ref },
    };
  }

  private policyAt(position: number): ConversionPolicy {
    const inForce = this.policies.findLast(({ from }) => from <= position) ?? this.policies[0];
    if (inForce === undefined) throw new Error('a policy is always in force');
    return inForce.policy;
  }
}

/** A history as of one position. */
export class PublishedMoment implements Incidents {
  readonly #known = new Map<string, IncidentClaims>();

  constructor(
    private readonly claimsOf: (id: string) => IncidentClaims,
    private readonly policy: ConversionPolicy,
  ) {}

  get(id: string): IncidentClaims {
    let claims = this.#known.get(id);
    if (claims === undefined) {
      claims = this.claimsOf(id);
      this.#known.set(id, claims);
    }
    return claims;
  }

  rootOf(id: string): string {
    return rootOf(this, id);
  }

  /** Some incidents with all that decisions tie to them, directly or through others. */
  tied(ids: Iterable<string>): Set<string> {
    const known = new Set(ids);
    for (const id of known) for (const { other } of this.get(id).decisions) if (other !== null) known.add(other);
    return known;
  }

  /** The states of the components of some incidents, by root; those of which nothing had been published are left out. */
  states(ids: Iterable<string>): Map<string, IncidentState> {
    const states = new Map<string, IncidentState>();
    for (const incidentId of new Set([...ids].map((id) => this.rootOf(id)))) {
      const figures = foldComponent(this, incidentId, this.policy);
      if (figures !== null) states.set(incidentId, stateOfFigures(figures, { incidentId, position: 0 }));
    }
    return states;
  }
}

type Lasting<Row> = Row & { from_position: string; to_position: string | null };
interface HomeRow extends Pick<IncidentHome, 'ref'> {
  incident_id: string;
  publisher: string;
}

function stands({ from_position: from, to_position: to }: Lasting<object>, position: number): boolean {
  return Number(from) <= position && (to === null || Number(to) > position);
}

function byIncident<Row extends { incident_id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const grouped = new Map<string, Row[]>();
  for (const row of rows) {
    const known = grouped.get(row.incident_id);
    if (known === undefined) grouped.set(row.incident_id, [row]);
    else known.push(row);
  }
  return grouped;
}
