import type pg from 'pg';
import { pick, type Random } from './fault.js';
import { decisionOf, type Draft } from './messages.js';

/**
 * Decides on incidents of earlier cases, which are recorded for sure, and on none twice at a time: so every decision is
 * right in whatever order it meets the others and the reports that still come.
 */
export class Stewards {
  readonly #taken = new Set<string>();
  readonly #merges: string[] = [];
  readonly #retracted: string[] = [];

  /** @param name of the case */
  async decide(pool: pg.Pool, random: Random, name: string): Promise<Draft[]> {
    const free = await this.free(pool);
    const take = (): string | undefined => {
      const incident = free.length === 0 ? undefined : pick(random, free);
      if (incident === undefined) return undefined;
      free.splice(free.indexOf(incident), 1);
      this.#taken.add(incident);
      return incident;
    };
    const drafts = [...(await this.undo(pool, name)), ...wrong(name, take())];
    const [survivor, absorbed, other, retracted, graded] = [take(), take(), take(), take(), take()];
    if (survivor !== undefined && absorbed !== undefined && other !== undefined) {
      const id = `${name}-merge`;
      this.#merges.push(id);
      const data = { kind: 'MERGE', survivor, absorbed: [absorbed, other] };
      drafts.push(decisionOf(id, data, { event: 'IncidentsMerged' }));
    }
    if (retracted !== undefined) {
      this.#retracted.push(retracted);
      const data = { kind: 'RETRACT', incident: retracted };
      drafts.push(decisionOf(`${name}-retract`, data, { event: 'IncidentRetracted' }));
    }
    if (graded !== undefined) {
      const grade = pick(random, ['DISCOUNTED', 'CONFIRMED']);
      const data = { kind: 'VERIFY', incident: graded, grade, grounds: 'seen' };
      drafts.push(decisionOf(`${name}-verify`, data, { event: 'IncidentVerified' }));
    }
    return drafts;
  }

  seal(name: string): Draft {
    return decisionOf(`${name}-seal`, { kind: 'SEAL_SNAPSHOT', name }, { event: 'SnapshotSealed' });
  }

  /** Takes back every second merge and retraction. */
  private async undo(pool: pg.Pool, name: string): Promise<Draft[]> {
    const drafts: Draft[] = [];
    const merge = this.#merges.length > 1 ? this.#merges.shift() : undefined;
    const { rows } = await pool.query<{ id: string }>(
      "SELECT event_id AS id FROM ledger.event WHERE type = 'IncidentsMerged' AND ce_id = $1",
      [merge ?? ''],
    );
    const data = { kind: 'UNMERGE', event: rows[0]?.id };
    if (rows.length === 1) drafts.push(decisionOf(`${name}-unmerge`, data, { event: 'MergeReverted' }));
    const retracted = this.#retracted.length > 1 ? this.#retracted.shift() : undefined;
    if (retracted !== undefined) {
      const reinstate = { kind: 'REINSTATE', incident: retracted };
      drafts.push(decisionOf(`${name}-reinstate`, reinstate, { event: 'IncidentReinstated' }));
    }
    return drafts;
  }

  private async free(pool: pg.Pool): Promise<string[]> {
    const { rows } = await pool.query<{ stream: string }>(
      "SELECT DISTINCT stream_id AS stream FROM ledger.event WHERE type = 'ReportRecorded' ORDER BY 1",
    );
    return rows.map(({ stream }) => stream).filter((stream) => !this.#taken.has(stream));
  }
}

function wrong(name: string, incident: string | undefined): Draft[] {
  const unknown = { kind: 'RETRACT', incident: '0190c6b2-0000-7000-8000-000000000000' };
  const stale = { kind: 'RETRACT', incident, expect: 9999 };
  return [
    decisionOf(`${name}-unknown`, unknown, { code: 'DECISION_TARGET_UNKNOWN' }),
    ...(incident === undefined ? [] : [decisionOf(`${name}-stale`, stale, { code: 'DECISION_STALE' })]),
  ];
}
