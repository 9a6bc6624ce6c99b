import { type ConversionPolicy, foldComponent } from '#app/domain';
import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { Components } from './components.js';
import { changedByPublication, publishedIncidents } from './components.sql.js';
import type { IncidentState } from '../incidents/incident-row.js';
import { stateOfFigures } from '../incidents/incident-state.js';
import { readPolicy } from '../as-of/policy.js';
import type { SqlParameters } from '../sql-parameters.js';

/** So many components are folded at a time: bounds the memory, and gives other requests their turn. */
const CHUNK_COMPONENTS = 1_000;

/**
 * What had been published by a moment, as of a position: only reports whose `publishedAt` is not after it count, of each
 * the highest revision published by then. Withdrawals and decisions hold as recorded: they have no date of publication.
 *
 * Where all that counts was published by then, the recorded figures are the answer. Only the other incidents, those that
 * a later publication has changed, are folded again, a chunk at a time, whatever their number.
 */
export class Publication {
  private constructor(
    readonly until: Date,
    private readonly policy: ConversionPolicy,
    private readonly components: Components,
    /** Of the incidents that count otherwise, those that count at all: of the others nothing had been published. */
    private readonly roots: readonly string[],
  ) {}

  static async read(tx: EntityManager, asOf: AsOf, until: Date): Promise<Publication> {
    const text = changedByPublication(tablesOfGeneration(asOf.generation));
    const rows = await tx.query<{ incident_id: string }[]>(text, [asOf.position, until]);
    const changed = rows.map(({ incident_id: id }) => id);
    const components = await Components.read(tx, asOf, changed);
    const roots = new Set(components.incidentIds.map((id) => components.rootOf(id)));
    const told = await publishedOf(tx, asOf, { components, roots: [...roots], until });
    return new Publication(until, await readPolicy(tx, asOf), components, told);
  }

  /** Whether any figure differs from what is recorded. */
  get changes(): boolean {
    return this.refoldedIds.length > 0;
  }

  /** Incidents that count otherwise than recorded, or not at all. */
  get refoldedIds(): readonly string[] {
    return this.components.incidentIds;
  }

  /** The states of the incidents that are folded again; those of which nothing had been published are left out. */
  async *refolded(tx: EntityManager): AsyncGenerator<IncidentState[], void, undefined> {
    for (let first = 0; first < this.roots.length; first += CHUNK_COMPONENTS) {
      yield await this.fold(tx, this.roots.slice(first, first + CHUNK_COMPONENTS));
    }
  }

  /** The state of one incident; null when nothing of it had been published. Undefined: as recorded. */
  async stateOf(tx: EntityManager, incidentId: string): Promise<IncidentState | null | undefined> {
    if (!this.components.has(incidentId)) return undefined;
    const [state = null] = await this.fold(tx, [this.components.rootOf(incidentId)]);
    return state;
  }

  /** The states of those of some incidents that are folded again; those of which nothing had been published are left out. */
  async statesOf(tx: EntityManager, incidentIds: readonly string[]): Promise<IncidentState[]> {
    const roots = new Set(incidentIds.filter((id) => this.components.has(id)).map((id) => this.components.rootOf(id)));
    const wanted = [...roots];
    const states: IncidentState[] = [];
    for (let first = 0; first < wanted.length; first += CHUNK_COMPONENTS) {
      states.push(...(await this.fold(tx, wanted.slice(first, first + CHUNK_COMPONENTS))));
    }
    return states;
  }

  private async fold(tx: EntityManager, roots: readonly string[]): Promise<IncidentState[]> {
    const homes = [...new Set(roots.flatMap((root) => this.components.homesOf(root)))];
    const claims = await this.components.claims(tx, homes, this.until);
    return roots.flatMap((incidentId) => {
      const figures = foldComponent(claims, incidentId, this.policy);
      if (figures === null) return [];
      const positions = this.components
        .homesOf(incidentId)
        .flatMap((home) => (claims.get(home)?.reports ?? []).map(({ position }) => position));
      return [stateOfFigures(figures, { incidentId, position: Math.max(...positions) })];
    });
  }
}

/** Those of some roots in which a report counts that had been published by a moment. */
async function publishedOf(
  tx: EntityManager,
  { generation, position }: AsOf,
  { components, roots, until }: { components: Components; roots: readonly string[]; until: Date },
): Promise<string[]> {
  const homes = roots.map((root) => components.homesOf(root));
  const asked = [...new Set(homes.flat())].join(',');
  const text = publishedIncidents(tablesOfGeneration(generation));
  const rows = await tx.query<{ incident_id: string }[]>(text, [asked, position, until]);
  const published = new Set(rows.map(({ incident_id: id }) => id));
  return roots.filter((_, index) => homes[index]?.some((home) => published.has(home)));
}

/** Leaves out, of what is recorded, the incidents that are folded again. */
export function exceptRefolded(alias: string, publication: Publication | null, parameters: SqlParameters): string[] {
  if (publication?.changes !== true) return [];
  // One text: as an array they would be escaped id by id.
  const ids = parameters.add(publication.refoldedIds.join(','));
  return [
    `NOT EXISTS (SELECT 1 FROM unnest(string_to_array(${ids}, ',')::uuid[]) AS refolded (id) WHERE refolded.id = ${alias}.incident_id)`,
  ];
}
