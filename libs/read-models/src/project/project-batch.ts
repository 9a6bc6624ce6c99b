import { type ConversionPolicy, conversionPolicy1 } from '#app/domain';
import { parseLeaf } from '#app/log';
import type { ClientBase, Pool } from 'pg';
import type { BatchRows } from './batch-rows.js';
import { refoldUnderPolicy } from './change-policy.js';
import { Codes } from './codes.js';
import { isFoldedAlone } from './event-pages.js';
import { foldBatch, type NeedyEvent, needyEvent } from './fold-batch.js';
import { IncidentStates } from './incident-states.js';
import { loadIncidents } from './load-incidents.js';
import { locateNamedEvents } from './placing-events.js';
import type { ProjectionEvent } from './projection-event.js';
import { RecordStates } from './record-states.js';
import { policyOf, standingPolicy } from './standing-policy.js';
import type { Tables } from './tables.js';
import { UnfoldableEventError } from './unfoldable-event-error.js';
import { writeBatch } from './write-batch.js';

export interface TargetOptions {
  /** Whether balances are kept with every batch, or summed from the postings after a load. */
  balanced: boolean;
  /** The policy to fold under whatever the log activates; absent: the one that is in force. */
  policyOverride?: ConversionPolicy | null | undefined;
  /** Of another target of the same tables, which is never forgotten. */
  codes?: Codes;
}

/** A set of tables that events are projected into, and what is remembered of it between batches. */
export class ProjectionTarget {
  readonly states = new IncidentStates(conversionPolicy1);
  readonly records = new RecordStates();
  readonly codes: Codes;
  balanced: boolean;
  readonly policyOverride: ConversionPolicy | null;
  /** Whether `states.policy` is the one in force. */
  knowsPolicy = false;

  constructor(
    readonly tables: Tables,
    { balanced, policyOverride = null, codes = new Codes() }: TargetOptions,
  ) {
    this.balanced = balanced;
    this.policyOverride = policyOverride;
    this.codes = codes;
  }

  /** After a roll-back, or when somebody else has moved the checkpoint: memory no longer mirrors the tables. */
  forget(): void {
    this.states.clear();
    this.records.clear();
    this.codes.clear();
    this.knowsPolicy = false;
  }
}

/**
 * Writes what events, in the order of their positions, cause: one page of them as event-pages.ts cuts it.
 *
 * The caller's transaction must hold the checkpoint of the target and move it; the caller must `forget` the target when
 * that transaction fails. Live, rebuild and replay all come through here or through the two halves below.
 * @returns the rows written, with the number of postings of each event
 * @throws UnfoldableEventError
 */
export async function projectBatch(
  tx: ClientBase,
  target: ProjectionTarget,
  events: readonly ProjectionEvent[],
): Promise<BatchRows> {
  const rows = await foldEvents(tx, target, events);
  await writeBatch(tx, target.tables, rows);
  return rows;
}

/**
 * The first half: what the events cause, nothing written. The batch before may still be on its way to the database, but
 * no earlier one: memory knows what two batches have touched, and everything else is loaded. A page that is folded alone
 * needs everything before it written, and must be written before the next is folded.
 */
export async function foldEvents(
  db: Pool | ClientBase,
  target: ProjectionTarget,
  events: readonly ProjectionEvent[],
): Promise<BatchRows> {
  const { states, records, tables, balanced } = target;
  if (!target.knowsPolicy) {
    states.policy = target.policyOverride ?? (await standingPolicy(db, tables));
    target.knowsPolicy = true;
  }
  await target.codes.load(db, tables);
  for (const event of events) await locateNamedEvents(db, event);
  const needy = events.map(needyEvent);
  await loadIncidents(db, tables, { states, incidentIds: unknownIncidents(states, needy) });
  await records.begin(db, tables, new Set(needy.flatMap(({ needs }) => needs.records ?? [])));
  const rows = await foldBatch(target, needy, balanced);
  for (const event of events) if (isFoldedAlone(event)) await changePolicy(db, target, { event, rows });
  rows.addedCodes = target.codes.takeAdded();
  states.settle();
  records.settle();
  return rows;
}

async function changePolicy(
  db: Pool | ClientBase,
  { states, tables, policyOverride }: ProjectionTarget,
  { event, rows }: { event: ProjectionEvent; rows: BatchRows },
): Promise<void> {
  if (policyOverride !== null) return;
  const before = states.policy;
  try {
    states.policy = policyOf(parseLeaf(event.leaf).data as Parameters<typeof policyOf>[0]);
  } catch (error) {
    throw new UnfoldableEventError(event.position, error);
  }
  rows.policy = states.policy.version;
  await refoldUnderPolicy(db, tables, { event, before, after: states.policy, rows });
  // It was folded beside the memory of the target.
  states.clear();
}

/** Incidents that must be in memory and did not begin in this batch. */
function unknownIncidents(states: IncidentStates, events: readonly NeedyEvent[]): string[] {
  const begun = new Set<string>();
  const wanted = new Set<string>();
  for (const { needs } of events) {
    if (needs.begins !== undefined && !states.has(needs.begins)) begun.add(needs.begins);
    if (needs.incidents === undefined) continue;
    for (const incidentId of needs.incidents) if (!begun.has(incidentId)) wanted.add(incidentId);
  }
  return [...wanted];
}
