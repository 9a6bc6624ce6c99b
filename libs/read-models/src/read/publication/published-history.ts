import {
  type ConversionPolicy,
  type DecisionState,
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
import { RecordedReports } from './recorded-reports.js';
import { type DecisionRow, type ReportRow, toDecisionState } from './recorded-rows.js';
import { withTied } from './ties.js';

/**
 * What had been published of some incidents by a moment, at every position of a range: read once, then folded in memory as
 * of one position after another. It holds whatever decisions tie to them.
 */
export class PublishedHistory {
  private constructor(
    private readonly reports: ReadonlyMap<string, RecordedReports>,
    private readonly decisions: ReadonlyMap<string, readonly Lasting<DecisionState>[]>,
    private readonly homes: ReadonlyMap<string, readonly Lasting<IncidentHome>[]>,
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
    const decisions = byIncident(await tx.query<LastingRow<DecisionRow>[]>(decisionsWithin(tables), [ids, from, to]));
    // Whose incident it is must be looked up only where another's reports may count in it.
    const decided = [...decisions.keys()];
    const homes =
      decided.length === 0 ? [] : await tx.query<LastingRow<HomeRow>[]>(homesWithin(tables), [decided, from, to]);
    const activated = await tx.query<{ from_position: string }[]>(policiesWithin(tables), [from, to]);
    const policies: { from: number; policy: ConversionPolicy }[] = [];
    for (const position of [from, ...activated.map((row) => Number(row.from_position))]) {
      policies.push({ from: position, policy: await readPolicy(tx, { ...asOf, position }) });
    }
    return new PublishedHistory(
      mapped(byIncident(reports), (rows) => new RecordedReports(rows)),
      mapped(decisions, (rows) => rows.map((row) => lasting(row, toDecisionState(row)))),
      mapped(byIncident(homes), (rows) => rows.map((row) => lasting(row, { source: row.publisher, ref: row.ref }))),
      policies,
    );
  }

  /** @param position of the range, or the one before it */
  at(position: number): PublishedMoment {
    return new PublishedMoment((id) => this.claimsOf(id, position), this.policyAt(position));
  }

  private claimsOf(id: string, position: number): IncidentClaims {
    return {
      reports: this.reports.get(id)?.at(position) ?? [],
      decisions: standing(this.decisions.get(id), position),
      home: standing(this.homes.get(id), position)[0] ?? null,
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

/** Made of a row once, however many positions are looked at. */
interface Lasting<T> {
  from: number;
  to: number;
  said: T;
}
type LastingRow<Row> = Row & { from_position: string; to_position: string | null };
interface HomeRow extends Pick<IncidentHome, 'ref'> {
  incident_id: string;
  publisher: string;
}

function lasting<T>({ from_position: from, to_position: to }: LastingRow<object>, said: T): Lasting<T> {
  return { from: Number(from), to: to === null ? Number.POSITIVE_INFINITY : Number(to), said };
}

function standing<T>(all: readonly Lasting<T>[] = [], position: number): T[] {
  return all.filter(({ from, to }) => from <= position && to > position).map(({ said }) => said);
}

function mapped<A, B>(map: ReadonlyMap<string, A>, made: (value: A) => B): Map<string, B> {
  return new Map([...map].map(([id, value]) => [id, made(value)]));
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
