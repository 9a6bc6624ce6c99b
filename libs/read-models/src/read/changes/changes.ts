import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { changeCount, changePage, type ChangeQuery } from './changes.sql.js';
import { countingConditions, type IncidentFilter } from '../incidents/incident-filter.js';
import { type IncidentRow, type IncidentState, toIncidentState } from '../incidents/incident-row.js';
import { SqlParameters } from '../sql-parameters.js';

/** What one event did to one incident. */
export interface IncidentChange {
  position: number;
  after: IncidentState;
  /** Null: the event made the incident. */
  before: IncidentState | null;
}

/** The place of a change: (position, incident id). */
export type ChangeKey = readonly [position: number, incidentId: string];

export interface ChangeRange {
  /** Changes after this position … */
  from: number;
  /** … up to and with this one. */
  to: number;
}

export interface ChangeRequest {
  range: ChangeRange;
  /** Null: every change, also of what counts nowhere. */
  filter: IncidentFilter | null;
  /** Changes of these incidents are left out. */
  except?: readonly string[];
}

/**
 * The changes of incidents that a filter counts before or after, in the order of their events.
 *
 * A figure is a sum over the states of incidents, so what changed between two positions is the sum of what each of these
 * changes did; they meet without overlap: (a, b] and (b, c] hold each change of (a, c] once.
 */
export async function readChanges(
  tx: EntityManager,
  { generation }: Pick<AsOf, 'generation'>,
  request: ChangeRequest,
  page: { limit: number; after: ChangeKey | null },
): Promise<{ changes: IncidentChange[]; after: ChangeKey | null }> {
  const parameters = new SqlParameters();
  const query = changeQuery(request, page.after, parameters);
  const limit = `${parameters.add(page.limit + 1)}::bigint`;
  const text = changePage(tablesOfGeneration(generation), query, limit);
  const rows = await tx.query<(IncidentRow & Record<string, unknown>)[]>(text, parameters.values);
  const changes = rows.slice(0, page.limit).map(toChange);
  const last = changes.at(-1);
  return {
    changes,
    after: rows.length > page.limit && last !== undefined ? [last.position, last.after.incidentId] : null,
  };
}

/** How many changes there are, and of how many events. */
export async function countChanges(
  tx: EntityManager,
  { generation }: Pick<AsOf, 'generation'>,
  request: ChangeRequest,
  /** Positions whose events are counted elsewhere. */
  known: readonly number[] = [],
): Promise<{ total: number; events: number }> {
  const parameters = new SqlParameters();
  const text = changeCount(
    tablesOfGeneration(generation),
    changeQuery(request, null, parameters),
    `${parameters.add(known)}::bigint[]`,
  );
  const [row] = await tx.query<{ total: string; events: string }[]>(text, parameters.values);
  return { total: Number(row?.total ?? 0), events: Number(row?.events ?? 0) };
}

function changeQuery(
  { range, filter, except = [] }: ChangeRequest,
  after: ChangeKey | null,
  parameters: SqlParameters,
): ChangeQuery {
  const [position, incidentId] = after ?? [null, null];
  return {
    conditions: [
      `v.from_position > ${parameters.add(range.from)}::bigint`,
      `v.from_position <= ${parameters.add(range.to)}::bigint`,
      ...(except.length === 0
        ? []
        : [
            // One text: as an array they would be escaped id by id.
            `NOT EXISTS (SELECT 1 FROM unnest(string_to_array(${parameters.add(except.join(','))}, ',')::uuid[]) AS e (id) WHERE e.id = v.incident_id)`,
          ]),
      ...(position === null
        ? []
        : [
            `(v.from_position, v.incident_id) > (${parameters.add(position)}::bigint, ${parameters.add(incidentId)}::uuid)`,
          ]),
    ],
    matches:
      filter === null
        ? null
        : {
            after: countingConditions(filter, parameters, 'v'),
            before: countingConditions(filter, parameters, 'o'),
          },
  };
}

function toChange(row: IncidentRow & Record<string, unknown>): IncidentChange {
  const before = Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => (name.startsWith('before_') ? [[name.slice(7), value]] : [])),
  ) as unknown as IncidentRow;
  const after = toIncidentState(row);
  return {
    position: after.position,
    after,
    before: (before.incident_id as string | null) === null ? null : toIncidentState(before),
  };
}
