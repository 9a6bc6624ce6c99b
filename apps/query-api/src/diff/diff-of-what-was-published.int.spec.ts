import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { DecisionStory } from '../../../../test/support/decision-story.js';
import { DistinctRevisions } from '../../../../test/support/distinct-revisions.js';
import { randomOf, startProjection, type TestProjection } from '../../../../test/support/incident-story.js';
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
