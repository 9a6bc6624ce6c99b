import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { PublicReport } from '#app/domain';
import { uuidV7 } from '#app/log';
import { rebuild, replay } from '#app/read-models';
import { createPool } from '#app/runtime';
import { IncidentStory, startProjection, type TestProjection } from '../support/incident-story.js';
import { projectAll } from '../support/project-all.js';

/** V9: merge two incidents, then unmerge: every figure returns to the digit, and history shows both. */

jest.setTimeout(60_000);

const killed = (lo: number, hi: number | null): NonNullable<PublicReport['casualties']>[number] => ({
  measure: 'KILLED',
  value: { qualifier: hi === null ? 'AT_LEAST' : 'BETWEEN', lo, hi },
});

let projection: TestProjection;
let story: IncidentStory;
beforeEach(async () => {
  projection = await startProjection();
  story = new IncidentStory(projection.log);
  await projection.log.append([
    story.report({ incident: 1, reportId: 'a', outlet: 'Outlet A', casualties: [killed(3, 3)] }),
    story.report({ incident: 1, reportId: 'b', outlet: 'Outlet B', casualties: [killed(5, null)], date: '2018-11-09' }),
    story.report({
      incident: 2,
      reportId: 'c',
      outlet: 'Outlet C',
      casualties: [killed(2, 4)],
      incidentType: 'ARMED_CLASH',
    }),
    story.report({ incident: 3, reportId: 'd', outlet: 'Outlet D', casualties: [killed(7, 7)] }),
  ]);
  await projectAll(projection.pool);
});
afterEach(() => projection.close());

/** Every sum at the finest grain that postings have, as of a position. */
async function figures(upTo: number): Promise<unknown[]> {
  const sums = ['incidents', 'lo', 'hi', 'open', 'unknown', 'conservative', 'median', 'max', 'latest', 'valued', 'best']
    .map((amount) => `coalesce(sum(d_${amount}), 0)::int AS ${amount}`)
    .join(', ');
  const { rows } = await projection.pool.query(
    `SELECT * FROM (
       SELECT incident_id, publisher, boundary, country, admin1, admin2, start_date, incident_type, verification, measure, part,
              ${sums} FROM read_model.posting WHERE position <= $1
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) f
      WHERE f::text !~ '(,0){11}\\)$' ORDER BY f::text`,
    [upTo],
  );
  return rows;
}

async function total(upTo: number): Promise<unknown> {
  const { rows } = await projection.pool.query(
    `SELECT sum(d_incidents) FILTER (WHERE measure = 'INCIDENT')::int AS incidents, sum(d_lo)::int AS lo, sum(d_hi)::int AS hi,
            sum(d_open)::int AS open
       FROM read_model.posting WHERE position <= $1 AND measure IN ('INCIDENT', 'KILLED') AND part = 'TOTAL'`,
    [upTo],
  );
  return rows[0];
}

async function versionsOf(incident: number): Promise<unknown[]> {
  const { rows } = await projection.pool.query(
    `SELECT version, status, survivor, reports, from_position::int, to_position::int
       FROM read_model.incident_version WHERE incident_id = $1 ORDER BY version`,
    [story.id(incident)],
  );
  return rows;
}

describe('V9: two incidents are merged, and the merge is taken back', () => {
  it.each(['in one batch', 'in batches of their own'])('%s', async (how) => {
    const [merge, unmerge] = [uuidV7(), uuidV7()];
    const [one, two] = [story.id(1), story.id(2)];
    const merged = story.decision('IncidentsMerged', { survivor: one, absorbed: [two] }, { on: [one, two], id: merge });
    const reverted = story.decision(
      'MergeReverted',
      { merge, survivor: one, absorbed: [two] },
      { on: [one, two], id: unmerge },
    );
    const at = await projection.log.append([merged]);
    if (how !== 'in one batch') await projectAll(projection.pool);
    await projection.log.append([reverted]);
    await projectAll(projection.pool);

    const before = await figures(at - 1);
    expect(before.length).toBeGreaterThan(6);
    expect(await total(at - 1)).toEqual({ incidents: 3, lo: 3 + 2 + 7, hi: 4 + 7, open: 1 });
    // The reports of both are folded together: 2…open instead of 3…open and 2…4.
    expect(await total(at)).toEqual({ incidents: 2, lo: 2 + 7, hi: 7, open: 1 });
    expect(await figures(at + 1)).toEqual(before);

    expect((await versionsOf(1)).slice(-2)).toMatchObject([
      { status: 'ACTIVE', reports: 3, from_position: at, to_position: at + 1 },
      { status: 'ACTIVE', reports: 2, from_position: at + 1, to_position: null },
    ]);
    expect(await versionsOf(2)).toMatchObject([
      { status: 'ACTIVE', survivor: null, reports: 1, to_position: at },
      { status: 'MERGED', survivor: one, reports: 1, from_position: at, to_position: at + 1 },
      { status: 'ACTIVE', survivor: null, reports: 1, from_position: at + 1, to_position: null },
    ]);
    const { rows: decisions } = await projection.pool.query(
      'SELECT incident_id, kind, other, event_id, to_position::int FROM read_model.decision ORDER BY kind, incident_id = $1 DESC',
      [one],
    );
    expect(decisions).toEqual([
      { incident_id: one, kind: 'ABSORBED', other: two, event_id: merge, to_position: at + 1 },
      // Who ended it stands for no time: the rows are there to be named.
      { incident_id: one, kind: 'ENDED', other: null, event_id: unmerge, to_position: at + 1 },
      { incident_id: two, kind: 'ENDED', other: null, event_id: unmerge, to_position: at + 1 },
      { incident_id: two, kind: 'MERGED_INTO', other: one, event_id: merge, to_position: at + 1 },
    ]);

    const auditor = createPool(projection.log.url, { role: 'ledger_audit', max: 4 });
    for (const upTo of [at - 1, at, at + 1]) {
      expect((await replay({ pool: auditor, upTo })).differing).toEqual([]);
    }
    await auditor.end();
    expect((await rebuild({ pool: projection.pool })).differing).toEqual([]);
  });
});
