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
    publisher: string;
    ref: string | null;
    verification: string;
    incident_type: string;
    reports: number;
    claimants: number;
    survivor: string | null;
    figures: string;
  }>(
    `SELECT incident_id, publisher, ref, verification, incident_type, reports, claimants, survivor, figures FROM read_model.incident_version
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
      publisher: state['publisher'],
      ref: state['ref'],
      verification: state['verification'],
      incident_type: state['incidentType'],
      reports: state['reports'],
      claimants: state['claimants'],
      survivor: state['survivor'] ?? null,
    }).toEqual({
      publisher: row.publisher,
      ref: row.ref,
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

it('of the root of a merge that has no report of its own left names the root, not who was merged into it', async () => {
  const story = new IncidentStory(projection.log, 'https://desk.example/of-the-root');
  const [survivor, absorbed] = [story.id(9_001), story.id(9_002)];
  const on = [survivor, absorbed];
  await projection.log.append([
    story.report({ incident: 9_001, reportId: 'root' }),
    story.report({ incident: 9_002, reportId: 'absorbed' }),
    story.decision('IncidentsMerged', { survivor, absorbed: [absorbed] }, { on }),
    story.withdrawal(9_001, 'root'),
  ]);
  const { position } = await projectAll(projection.pool);
  const state = told(incidentHistory(await leavesOfComponent(projection.log.owner, survivor, position), survivor));
  const { rows } = await projection.log.owner.query<{ publisher: string; ref: string }>(
    'SELECT publisher, ref FROM read_model.incident_version WHERE incident_id = $1 AND to_position IS NULL',
    [survivor],
  );
  expect([state['publisher'], state['ref']]).toEqual(['https://desk.example/of-the-root', 'incident-9001']);
  expect(rows).toEqual([{ publisher: state['publisher'], ref: state['ref'] }]);
});
