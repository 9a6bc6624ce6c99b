import type { DecisionKind } from '#app/domain';
import type { EntityManager } from 'typeorm';
import { ENDED } from '../../project/decision-columns.js';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';

/** A decision on an incident, or its end of a merge or a split, as of a position; one that was taken back included. */
export interface RecordedDecision {
  kind: DecisionKind;
  position: number;
  recordedAt: string;
  /** The event that replaced it or took it back; null while it stands. */
  endedAt: number | null;
  eventId: string;
  /** The incident at the other end of a merge or a split. */
  other: string | null;
  /** Who decided. */
  by: string;
  /** What it says: DecisionBodies of #app/domain. */
  body: object;
}

/** The name that a steward gave; what the ledger did itself, at its beginning, is by `ledger`. */
export function decidedBy(actor: string): string {
  return actor.replace(/^steward:/, '');
}

/** In the order in which they were recorded. */
export async function readDecisions(
  tx: EntityManager,
  { position, generation }: AsOf,
  incidentId: string,
): Promise<RecordedDecision[]> {
  const { decision, moment } = tablesOfGeneration(generation);
  const rows = await tx.query<DecisionRow[]>(
    `SELECT d.kind, d.from_position, CASE WHEN d.to_position <= $2::bigint THEN d.to_position END AS to_position,
            d.event_id, d.other, d.actor, d.body,
            (SELECT m.recorded_at FROM ${moment} m WHERE m.position >= d.from_position ORDER BY m.position LIMIT 1) AS recorded_at
       FROM ${decision} d
      WHERE d.incident_id = $1::uuid AND d.from_position <= $2::bigint AND d.kind <> '${ENDED}'
      ORDER BY d.from_position, d.seq`,
    [incidentId, position],
  );
  return rows.map((row) => ({
    kind: row.kind,
    position: Number(row.from_position),
    recordedAt: row.recorded_at.toISOString(),
    endedAt: row.to_position === null ? null : Number(row.to_position),
    eventId: row.event_id,
    other: row.other,
    by: decidedBy(row.actor),
    body: JSON.parse(row.body) as object,
  }));
}

interface DecisionRow {
  kind: DecisionKind;
  from_position: string;
  to_position: string | null;
  event_id: string;
  other: string | null;
  actor: string;
  body: string;
  recorded_at: Date;
}
