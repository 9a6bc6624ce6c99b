import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { DecisionStory } from '../../../../test/support/decision-story.js';
import {
  IncidentStory,
  randomOf,
  startProjection,
  type TestProjection,
} from '../../../../test/support/incident-story.js';
import { projectAll } from '../../../../test/support/project-all.js';
import { leavesOfComponent } from './decision-leaves.js';
import { incidentHistory } from './incident-history.js';

jest.setTimeout(120_000);

let projection: TestProjection;
let head: number;
beforeAll(async () => {
  projection = await startProjection();
  const story = new DecisionStory(new IncidentStory(projection.log), randomOf(9));
  for (let batch = 0; batch < 3; batch += 1) await projection.log.append(story.events(80));
  head = (await projectAll(projection.pool)).position;
});
afterAll(() => projection.close());

interface Tree {
  [name: string]: Tree | string | number | null;
}

/** What the changes of a history come to, put in place one after the other. */
function told(entries: ReturnType<typeof incidentHistory>): Tree {
  const state: Tree = {};
  for (const { pointer, after } of entries.flatMap(({ changes }) => changes)) {
    const names = pointer.split('/').slice(1);
    const last = names.pop() ?? '';
    let place = state;
    for (const name of names) place = (place[name] ??= {}) as Tree;
    place[last] = structuredClone(after) as Tree[string];
  }
  return state;
}

it('a history of reports and decisions comes to what is projected, and names each decision', async () => {
  const { rows } = await projection.log.owner.query<{
    incident_id: string;
    verification: string;
    incident_type: string;
    reports: number;
    claimants: number;
    survivor: string | null;
    figures: string;
  }>(
    `SELECT incident_id, verification, incident_type, reports, claimants, survivor, figures FROM read_model.incident_version
      WHERE to_position IS NULL AND status <> 'WITHDRAWN'`,
  );
  const types = new Set<string>();
  for (const row of rows) {
    const entries = incidentHistory(
      await leavesOfComponent(projection.log.owner, row.incident_id, head),
      row.incident_id,
    );
    const state = told(entries);
    expect({
      verification: state['verification'],
      incident_type: state['incidentType'],
      reports: state['reports'],
      claimants: state['claimants'],
      survivor: state['survivor'] ?? null,
    }).toEqual({
      verification: row.verification,
      incident_type: row.incident_type,
      reports: row.reports,
      claimants: row.claimants,
      survivor: row.survivor,
    });
    const { measures } = JSON.parse(row.figures) as { measures: { measure: string; part: string; lo: number }[] };
    const figures = state['figures'] as Record<string, Record<string, { lo: number }>>;
    for (const { measure, part, lo } of measures) expect(figures[measure]?.[part]?.lo).toBe(lo);
    for (const { type, decision, why, actor } of entries) {
      types.add(type);
      if (decision !== null) expect(why).toContain(actor);
    }
  }
  expect(rows.length).toBeGreaterThan(5);
  expect([...types]).toEqual(
    expect.arrayContaining(['ReportRecorded', 'IncidentsMerged', 'IncidentSplit', 'IncidentVerified']),
  );
});
