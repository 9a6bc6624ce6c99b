import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { uuidV7 } from '#app/log';
import { IncidentStory, randomOf, startProjection, type TestProjection } from '../../../test/support/incident-story.js';
import { DecisionStory } from '../../../test/support/decision-story.js';
import { projectAll } from '../../../test/support/project-all.js';
import { type Json, startQueryApi, type TestQueryApi } from '../../../test/support/query-api.js';

jest.setTimeout(180_000);

/** Reports and decisions at random: merges, splits, grades, retractions, policies, boundary sets, snapshots. */
let projection: TestProjection;
let api: TestQueryApi;
let head: number;
const random = randomOf(23);

beforeAll(async () => {
  projection = await startProjection();
  const story = new DecisionStory(new IncidentStory(projection.log), randomOf(12));
  for (let batch = 0; batch < 4; batch += 1) {
    await projection.log.append(story.events(90));
    await projectAll(projection.pool);
  }
  head = (await projectAll(projection.pool)).position;
  api = await startQueryApi(projection);
});
afterAll(async () => {
  await api?.close();
  await projection?.close();
});

const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
const filter = (): string =>
  pick([
    '',
    '',
    'region=IQ-NI',
    'incidentType=IED_ATTACK',
    'verification=RETRACTED',
    'verification=CONFIRMED,CONTESTED',
    'dateRule=overlap&from=2018-05-01',
  ]);

describe('figures after decisions', () => {
  it('are the sums of what is explained, as of any position', async () => {
    for (let round = 0; round < 25; round += 1) {
      const asked = `${filter()}&asOf=${4 + random(head - 4)}`;
      const { total } = await api.json(`/v1/casualties?${asked}`);
      const pages = await api.pages(`/v1/explain?${asked}&limit=5`);
      const incidents = pages.flatMap(({ data }) => data as Json[]);
      expect({ asked, incidents: incidents.length }).toEqual({ asked, incidents: total.incidents });
      for (const [measure, sums] of Object.entries<Json>(total.measures)) {
        const counted = incidents.flatMap(({ counted: { [measure]: one } }) => one ?? []);
        for (const name of ['lo', 'hiKnown', 'openIncidents', 'unknownIncidents']) {
          expect(counted.reduce((sum, one) => sum + one[name], 0)).toBe(sums[name]);
        }
      }
    }
  });

  it('change by what the difference tells, decision by decision, each with the event that made or ended it', async () => {
    const reasons = new Set<string>();
    const { rows } = await projection.log.owner.query<{ position: number; event_id: string; type: string }>(
      'SELECT position, event_id, type FROM ledger.event',
    );
    const recorded = new Map(rows.map(({ position, event_id: id, type }) => [position, [id, type]]));
    for (let round = 0; round < 25; round += 1) {
      const from = 3 + random(head - 3);
      const asked = `${filter()}&asOfFrom=${from}&asOfTo=${from + random(head - from + 1)}`;
      const pages = await api.pages(`/v1/diff?${asked}&limit=40`);
      const data = pages.flatMap((page) => page.data as Json[]);
      const { difference } = pages[0];
      expect(data.reduce((sum, { changes }) => sum + changes.incidents, 0)).toBe(difference.incidents);
      for (const measure of ['KILLED', 'INJURED']) {
        for (const name of ['lo', 'hiKnown', 'openIncidents']) {
          const sum = data.reduce((all, { changes }) => all + (changes.measures[measure]?.[name] ?? 0), 0);
          expect({ asked, measure, name, sum }).toEqual({
            asked,
            measure,
            name,
            sum: difference.measures[measure]?.[name] ?? 0,
          });
        }
      }
      for (const { reason, by, report, eventId, eventType, position } of data) {
        reasons.add(reason);
        expect([reason, by]).toEqual([reason, report === null ? 'Layla' : null]);
        expect([position, eventId, eventType]).toEqual([position, ...(recorded.get(position) ?? [])]);
      }
    }
    expect([...reasons]).not.toContain('OTHER');
    const told = [
      'MERGE',
      'UNMERGE',
      'ACTIVATE_BOUNDARY_SET',
      'SPLIT',
      'VERIFY',
      'RECLASSIFY',
      'RELOCATE',
      'RETRACT',
      'REINSTATE',
    ];
    expect(told.filter((reason) => !reasons.has(reason))).toEqual([]);
  });

  it('until a moment after every publication are those that are recorded', async () => {
    const { data } = await api.json(`/v1/casualties?groupBy=region:admin1,month`);
    expect((await api.json(`/v1/casualties?groupBy=region:admin1,month&publishedUntil=2030-01-01`)).data).toEqual(data);
  });
});

describe('an incident with decisions', () => {
  it('shows both ends of every merge and split, and who it counts under', async () => {
    const { data } = await api.json('/v1/incidents?changedSince=0&limit=1000');
    const statuses = new Set(data.map(({ status }: Json) => status));
    expect([...statuses]).toEqual(expect.arrayContaining(['ACTIVE', 'MERGED']));
    const details = new Map<string, Json>();
    for (const { id } of data as Json[]) details.set(id, await api.json(`/v1/incidents/${id}`));
    let links = 0;
    for (const [id, detail] of details) {
      expect(detail.lineage.survivor).toBe(detail.survivor);
      const ends = { mergedInto: 'merged', merged: 'mergedInto', splitOut: 'splitIn', splitIn: 'splitOut' } as const;
      for (const [end, other] of Object.entries(ends)) {
        for (const link of detail.lineage[end] as Json[]) {
          const mirrored = { ...link, incident: id };
          expect(details.get(link.incident)?.lineage[other]).toContainEqual(mirrored);
          links += 1;
        }
      }
      for (const { decided, by } of detail.decisions) expect([decided, by]).toEqual([expect.any(Object), 'Layla']);
    }
    expect(links).toBeGreaterThan(10);
  });
});

describe('snapshots and policies', () => {
  it('are named by the answers, and a snapshot reads as its position does', async () => {
    const { data, total } = await api.json('/v1/snapshots');
    expect(total).toBeGreaterThan(0);
    const policies = new Set<number>();
    for (const { name, position, by } of data as Json[]) {
      expect(by).toBe('Layla');
      const named = await api.json(`/v1/casualties?asOf=${name}`);
      expect(named.asOf.position).toBe(position);
      expect(named).toEqual(await api.json(`/v1/casualties?asOf=${position}`));
      policies.add(named.asOf.policy);
    }
    for (let position = 4; position <= head; position += 9) {
      policies.add((await api.json(`/v1/incidents?limit=1&asOf=${position}`)).asOf.policy);
    }
    expect([...policies].toSorted((a, b) => a - b)).toEqual([1, 2]);
    const unknown = await api.get('/v1/casualties?asOf=no-such-snapshot');
    expect([unknown.statusCode, unknown.json().code]).toEqual([422, 'AS_OF_OUT_OF_RANGE']);
  });
});

describe('a change of an incident whose merge was reverted since', () => {
  let own: TestQueryApi;
  let told: unknown[];
  beforeAll(async () => {
    own = await startQueryApi();
    const story = new IncidentStory(own.projection.log);
    const [survivor, absorbed] = [story.id(1), story.id(2)];
    const on = [survivor, absorbed];
    const killed = (outlet: string, lo: number, revision = 1) =>
      story.report({
        incident: 2,
        reportId: outlet,
        outlet,
        revision,
        casualties: [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo, hi: lo } }],
      });
    const merge = uuidV7();
    const at = await own.record([
      story.report({ incident: 1, reportId: 'first' }),
      killed('A', 2),
      story.decision('IncidentsMerged', { survivor, absorbed: [absorbed] }, { on, id: merge }),
      killed('B', 5),
      killed('A', 3, 2),
      story.withdrawal(2, 'B'),
      story.decision('MergeReverted', { merge, survivor, absorbed: [absorbed] }, { on }),
    ]);
    told = [
      [at - 3, 'NEW_REPORT', survivor],
      [at - 2, 'REVISION', survivor],
      [at - 1, 'WITHDRAWAL', survivor],
    ];
    await own.record([story.report({ incident: 3, reportId: 'later' })]);
  });
  afterAll(() => own?.close());

  it.each(['', '&publishedUntil=2030-01-01', '&publishedUntil=2018-11-09T06:00:00Z'])(
    'has its reason: %s',
    async (until) => {
      const pages = await own.pages(`/v1/diff?asOfFrom=3&limit=1${until}`);
      const entries = pages.flatMap(({ data }) => data as Json[]);
      const found = entries.map(({ position, reason, incident }) => [position, reason, incident]);
      expect(found).toEqual(expect.arrayContaining(told));
      expect(entries.filter(({ reason, eventId }) => reason === 'OTHER' || eventId === null)).toEqual([]);
    },
  );
});
