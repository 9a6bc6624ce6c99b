import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DecisionStory, policy2 } from '../../../../test/support/decision-story.js';
import { DistinctRevisions } from '../../../../test/support/distinct-revisions.js';
import {
  IncidentStory,
  randomOf,
  startProjection,
  type TestProjection,
} from '../../../../test/support/incident-story.js';
import { projectAll } from '../../../../test/support/project-all.js';
import { type Json, startQueryApi, type TestQueryApi } from '../../../../test/support/query-api.js';

jest.setTimeout(180_000);

let projection: TestProjection;
let api: TestQueryApi;
let head: number;
const random = randomOf(31);

beforeAll(async () => {
  projection = await startProjection();
  const story = new DecisionStory(new DistinctRevisions(projection.log), randomOf(21));
  await projection.log.append(story.events(350));
  head = (await projectAll(projection.pool)).position;
  api = await startQueryApi(projection);
});
afterAll(async () => {
  await api?.close();
  await projection?.close();
});

const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
const drawUntil = (): string => `publishedUntil=2018-11-${10 + random(9)}T0${random(9)}:00:00Z`;
const drawFilter = (): string =>
  pick([
    '',
    '',
    'estimator=median',
    'region=IQ-NI',
    'incidentType=IED_ATTACK',
    'verification=RETRACTED',
    'verification=CONFIRMED,CONTESTED',
    'dateRule=overlap&from=2018-05-01&measure=KILLED',
  ]);
const NONE = { incidents: 0, measures: {} };

function added(a: Json, b: Json): Json {
  const measures: Json = structuredClone(a.measures);
  for (const [measure, change] of Object.entries<Json>(b.measures)) {
    const sum = (measures[measure] ??= {});
    for (const [name, value] of Object.entries(change)) {
      sum[name] = value === null ? null : (sum[name] ?? 0) + (value as number);
    }
  }
  const isNothing = (sum: Json): boolean => Object.values(sum).every((value) => value === 0 || value === null);
  return {
    incidents: a.incidents + b.incidents,
    measures: Object.fromEntries(Object.entries(measures).filter(([, sum]) => !isNothing(sum))),
  };
}

/** The figures of both ends are those of /v1/casualties, which are tested against the rules themselves. */
it('adds up to the difference of the figures of what had been published, under every decision', async () => {
  const { rows } = await projection.log.owner.query<{ position: number; event_id: string; type: string }>(
    'SELECT position, event_id, type FROM ledger.event',
  );
  const recorded = new Map(rows.map(({ position, event_id: id, type }) => [position, [id, type]]));
  const reasons = new Set<string>();
  for (let round = 0; round < 30; round += 1) {
    const from = 3 + random(head - 3);
    const to = from + random(head - from + 1);
    const until = drawUntil();
    const asked = `${drawFilter()}&${until}`;
    const pages = await api.pages(`/v1/diff?${asked}&asOfFrom=${from}&asOfTo=${to}&limit=17`);
    const data = pages.flatMap((page) => page.data as Json[]);
    const sum = data.reduce((all, { changes }) => added(all, changes), NONE);
    expect({ asked, from, to, sum }).toEqual({ asked, from, to, sum: pages[0].difference });
    expect([data.length, new Set(data.map(({ position }) => position)).size]).toEqual([
      pages[0].total,
      pages[0].events,
    ]);
    expect(pages[0].before).toEqual((await api.json(`/v1/casualties?${asked}&asOf=${from}`)).total);
    expect(pages[0].after).toEqual((await api.json(`/v1/casualties?${asked}&asOf=${to}`)).total);
    expect(pages[0].publishedUntil).toBe(new Date(until.slice('publishedUntil='.length)).toISOString());
    for (const { reason, report, eventId, eventType, position } of data) {
      reasons.add(reason);
      expect([position, eventId, eventType]).toEqual([position, ...(recorded.get(position) ?? [])]);
      if (report?.publishedAt != null) expect(report.publishedAt <= pages[0].publishedUntil).toBe(true);
    }
  }
  const told = ['NEW_REPORT', 'LATER_CLAIM', 'REVISION', 'WITHDRAWAL', 'MERGE', 'UNMERGE', 'SPLIT', 'VERIFY', 'REDATE'];
  expect(told.filter((reason) => !reasons.has(reason))).toEqual([]);
});

it('from a to b and from b to c makes a to c, entry by entry', async () => {
  for (let round = 0; round < 15; round += 1) {
    const asked = `${drawFilter()}&${drawUntil()}`;
    const [a = 0, b = 0, c = 0] = [random(head), random(head), random(head)].toSorted((x, y) => x - y);
    const diff = async (from: number, to: number): Promise<Json> =>
      api.json(`/v1/diff?${asked}&asOfFrom=${from}&asOfTo=${to}&limit=10000`);
    const [ab, bc, ac] = [await diff(a, b), await diff(b, c), await diff(a, c)];
    expect({ asked, sum: added(ab.difference, bc.difference) }).toEqual({ asked, sum: ac.difference });
    expect({ asked, a, b, c, data: [...ab.data, ...bc.data] }).toEqual({ asked, a, b, c, data: ac.data });
  }
});

it('is what is recorded once nothing was published later', async () => {
  const plain = await api.json('/v1/diff?asOfFrom=3&limit=10000');
  const { data, difference } = await api.json('/v1/diff?asOfFrom=3&limit=10000&publishedUntil=2030-01-01');
  const compared = (entries: Json[]): Json[] => entries.map(({ attributes: _told, reason: _why, ...entry }) => entry);
  expect([difference, compared(data)]).toEqual([plain.difference, compared(plain.data)]);
});

describe('an event that changes more incidents than are worked out at a time', () => {
  const INCIDENTS = 2_300;
  const until = 'publishedUntil=2018-11-09T06:00:00Z';
  let own: TestQueryApi;
  let activated: number;
  beforeAll(async () => {
    own = await startQueryApi();
    const told = new IncidentStory(own.projection.log);
    const dozens = [{ measure: 'KILLED', value: { qualifier: 'VAGUE', phrase: 'dozens' } }] as const;
    const events = Array.from({ length: INCIDENTS }, (_, incident) => [
      told.report({ incident, reportId: 'then', outlet: 'A', casualties: [...dozens] }),
      told.report({ incident, reportId: 'later', outlet: 'B', publishedAt: '2019-01-01T00:00:00Z' }),
    ]);
    await own.record(events.flat());
    const merged = Array.from({ length: 20 }, (_, pair) => [told.id(pair), told.id(INCIDENTS - 1 - pair)] as const);
    await own.record(
      merged.map((on) => told.decision('IncidentsMerged', { survivor: on[0], absorbed: [on[1]] }, { on })),
    );
    const policy = { name: '2', sha256: 'f'.repeat(64), policy: policy2 };
    activated = await own.record([told.decision('ConversionPolicyActivated', policy)]);
  });
  afterAll(() => own?.close());

  it('is told whole, page by page, and adds up', async () => {
    const pages = await own.pages(`/v1/diff?${until}&asOfFrom=${activated - 1}&limit=400`);
    const data = pages.flatMap((page) => page.data as Json[]);
    expect(new Set(data.map(({ incident }) => incident)).size).toBe(INCIDENTS - 20);
    expect([data.length, pages[0].total, pages[0].events]).toEqual([INCIDENTS - 20, INCIDENTS - 20, 1]);
    expect(new Set(data.map(({ reason }) => reason))).toEqual(new Set(['ACTIVATE_POLICY']));
    expect(data.reduce((all, { changes }) => added(all, changes), NONE)).toEqual(pages[0].difference);
  });

  it('is one of all the changes of the log', async () => {
    const pages = await own.pages(`/v1/diff?${until}&asOfFrom=3&limit=1500`);
    const data = pages.flatMap((page) => page.data as Json[]);
    const keys = data.map(({ position, incident }) => `${position} ${incident}`);
    expect(new Set(keys).size).toBe(data.length);
    // Every first report, both sides of every merge, and the policy.
    expect([data.length, pages[0].total]).toEqual(Array(2).fill(INCIDENTS + 2 * 20 + INCIDENTS - 20));
    expect(data.reduce((all, { changes }) => added(all, changes), NONE)).toEqual(pages[0].difference);
  });
});
