import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ESTIMATORS, MEASURES } from '#app/domain';
import { randomOf, startProjection, type TestProjection } from '../../../test/support/incident-story.js';
import { projectAll } from '../../../test/support/project-all.js';
import { type Json, startQueryApi, type TestQueryApi } from '../../../test/support/query-api.js';
import { VariedStory } from '../../../test/support/varied-story.js';

jest.setTimeout(180_000);

let projection: TestProjection;
let api: TestQueryApi;
let head: number;
const random = randomOf(11);

beforeAll(async () => {
  projection = await startProjection();
  const story = new VariedStory(projection.log, randomOf(5));
  for (let batch = 0; batch < 6; batch += 1) await projection.log.append(story.events(60));
  head = (await projectAll(projection.pool)).position;
  api = await startQueryApi(projection);
});
afterAll(async () => {
  await api?.close();
  await projection?.close();
});

const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;

/** Every filter that there is, one time or the other. */
function randomFilter(): string {
  const parts = [
    pick(['', '', 'region=IQ', 'region=IQ-NI,SY']),
    pick(['', '', 'from=2018-02-01', 'from=2018-10-14']),
    pick(['', '', 'to=2018-12-31']),
    pick(['', 'dateRule=end', 'dateRule=overlap']),
    pick(['', '', `measure=${pick(MEASURES)}`]),
    pick(['', '', 'status=CIVILIAN', 'status=CIVILIAN,UNKNOWN']),
    pick(['', '', '', 'role=COMMUNITY_LEADER']),
    pick(['', '', '', 'weapon=VBIED,IED']),
    pick(['', '', '', 'target=POWER_GRID']),
    pick(['', '', '', 'actor=islamic']),
    pick(['', '', '', 'publisher=UCDP']),
    pick(['', '', '', 'verification=SINGLE_SOURCE,CORROBORATED']),
    pick(['', '', '', 'incidentType=IED_ATTACK']),
    pick(['', ...ESTIMATORS.map((name) => `estimator=${name}`)]),
  ];
  return parts.filter((part) => part !== '').join('&');
}

const NUMBERS = ['lo', 'hiKnown', 'openIncidents', 'unknownIncidents'] as const;

describe('/v1/explain', () => {
  it('adds up to the figure of /v1/casualties with the same parameters, whatever they are', async () => {
    let explained = 0;
    for (let round = 0; round < 60; round += 1) {
      const asOf = random(3) === 0 ? head : 4 + random(head - 4);
      const publishedUntil = random(3) === 0 ? `&publishedUntil=2018-11-1${random(9)}` : '';
      const asked = `${randomFilter()}&asOf=${asOf}${publishedUntil}`;
      const { total } = await api.json(`/v1/casualties?${asked}`);
      const pages = await api.pages(`/v1/explain?${asked}&limit=17`);
      for (const page of pages) expect({ asked, total: page.total }).toEqual({ asked, total });
      const incidents = pages.flatMap(({ data }) => data as Json[]);
      expect({ asked, incidents: incidents.length }).toEqual({ asked, incidents: total.incidents });
      expect(new Set(incidents.map(({ id }) => id)).size).toBe(incidents.length);
      for (const [measure, sums] of Object.entries<Json>(total.measures)) {
        const counted = incidents.flatMap(({ counted: { [measure]: one } }) => one ?? []);
        for (const name of NUMBERS) {
          const sum = counted.reduce((all, one) => all + one[name], 0);
          expect({ asked, measure, name, sum }).toEqual({ asked, measure, name, sum: sums[name] });
        }
        expect(incidents.length - counted.length).toBe(sums.silentIncidents);
        if (sums.withoutPoint === null) continue;
        expect(counted.reduce((all, one) => all + one.withoutPoint, 0)).toBe(sums.withoutPoint);
        if (sums.point !== null) expect(counted.reduce((all, one) => all + (one.point ?? 0), 0)).toBe(sums.point);
      }
      explained += incidents.length;
    }
    expect(explained).toBeGreaterThan(300);
  });

  it('shows of every total the claims whose intervals it is', async () => {
    const incidents = (await api.pages('/v1/explain?limit=20')).flatMap(({ data }) => data as Json[]);
    let compared = 0;
    for (const figure of incidents.flatMap(({ figures }) => figures as Json[])) {
      const standing = (figure.claims as Json[]).filter(({ state }) => state === 'STANDS');
      // A total that is made from parts has its claims there.
      if (figure.part !== 'TOTAL' || figure.flags.includes('DERIVED_FROM_PARTS')) continue;
      const read = standing.map(({ readAs }) => readAs);
      expect(figure.lo).toBe(Math.min(...read.map(({ lo }) => lo)));
      expect(figure.hi).toBe(read.some(({ hi }) => hi === null) ? null : Math.max(...read.map(({ hi }) => hi)));
      compared += 1;
    }
    expect(compared).toBeGreaterThan(50);
  });

  it('names for every claim that does not stand what replaced it', async () => {
    const incidents = (await api.pages('/v1/explain?limit=50')).flatMap(({ data }) => data as Json[]);
    const claims: Json[] = incidents.flatMap(({ figures }) => figures.flatMap((figure: Json) => figure.claims));
    const reasons = new Set(claims.map(({ state, because }) => `${state} ${because?.reason ?? ''}`));
    expect([...reasons]).toEqual(
      expect.arrayContaining([
        'STANDS ',
        'SUPERSEDED HIGHER_REVISION',
        'SUPERSEDED LATER_REPORT',
        'WITHDRAWN WITHDRAWN',
      ]),
    );
    for (const { state, because } of claims) expect(because === null).toBe(state === 'STANDS');
  });

  it('refuses a page of more incidents than it holds, as its description says', async () => {
    const parameters = (await api.json('/openapi.json')).paths['/v1/explain'].get.parameters as Json[];
    const { maximum } = parameters.find(({ name }) => name === 'limit').schema;
    expect((await api.get(`/v1/explain?limit=${maximum}`)).statusCode).toBe(200);
    const refused = await api.get(`/v1/explain?limit=${maximum + 1}`);
    expect([maximum, refused.statusCode, refused.json().code]).toEqual([1_000, 400, 'INVALID_PARAMETER']);
  });

  it('gives CSV with a line per claim', async () => {
    const answer = await api.get('/v1/explain?region=IQ-NI&format=csv&hxl=true');
    const [names, tags, first] = answer.body.split('\r\n');
    expect(names).toContain('incident_id,ref,start');
    expect(tags).toContain('#event+id,#event+code,#date+start');
    expect(first?.split(',')).toHaveLength(names!.split(',').length);
  });
});

describe('/v1/diff', () => {
  const added = (a: Json, b: Json): Json => {
    const measures: Json = structuredClone(a.measures);
    for (const [measure, change] of Object.entries<Json>(b.measures)) {
      const sum = measures[measure] ?? {};
      for (const [name, value] of Object.entries(change)) {
        sum[name] = value === null ? null : (sum[name] ?? 0) + (value as number);
      }
      measures[measure] = sum;
    }
    const isNothing = (sum: Json): boolean => Object.values(sum).every((value) => value === 0 || value === null);
    return {
      incidents: a.incidents + b.incidents,
      measures: Object.fromEntries(Object.entries(measures).filter(([, sum]) => !isNothing(sum))),
    };
  };
  const NONE = { incidents: 0, measures: {} };

  it('holds changes that add up to the difference of the two figures, whatever is asked', async () => {
    let entries = 0;
    for (let round = 0; round < 60; round += 1) {
      const from = 3 + random(head - 3);
      const to = from + random(head - from + 1);
      const asked = `${randomFilter()}&asOfFrom=${from}&asOfTo=${to}`;
      const pages = await api.pages(`/v1/diff?${asked}&limit=13`);
      const data = pages.flatMap((page) => page.data as Json[]);
      const sum = data.reduce((all, { changes }) => added(all, changes), NONE);
      expect({ asked, sum }).toEqual({ asked, sum: pages[0].difference });
      expect(data.length).toBe(pages[0].total);
      const at = asked.replace(/&asOf.*/, '');
      expect(pages[0].after).toEqual((await api.json(`/v1/casualties?${at}&asOf=${to}`)).total);
      expect(pages[0].before).toEqual((await api.json(`/v1/casualties?${at}&asOf=${from}`)).total);
      for (const { position } of data) {
        expect(position).toBeGreaterThan(from);
        expect(position).toBeLessThanOrEqual(to);
      }
      entries += data.length;
    }
    expect(entries).toBeGreaterThan(500);
  });

  it('from a to b and from b to c make a to c', async () => {
    for (let round = 0; round < 20; round += 1) {
      const filter = randomFilter();
      const [a, b, c] = [random(head), random(head), random(head)].toSorted((x, y) => x - y) as [
        number,
        number,
        number,
      ];
      const diff = async (from: number, to: number): Promise<Json> =>
        api.json(`/v1/diff?${filter}&asOfFrom=${from}&asOfTo=${to}&limit=10000`);
      const [ab, bc, ac] = [await diff(a, b), await diff(b, c), await diff(a, c)];
      expect({ filter, sum: added(ab.difference, bc.difference) }).toEqual({ filter, sum: ac.difference });
      expect([...ab.data, ...bc.data]).toEqual(ac.data);
    }
  });

  it('tells of every change the report behind it and why it changed something', async () => {
    const pages = await api.pages(`/v1/diff?asOfFrom=3&limit=200`);
    const data = pages.flatMap((page) => page.data as Json[]);
    expect(new Set(data.map(({ reason }) => reason))).toEqual(
      new Set(['NEW_REPORT', 'LATER_CLAIM', 'REVISION', 'WITHDRAWAL']),
    );
    for (const { reason, eventType, report, eventId, recordedAt } of data) {
      expect(eventType).toBe(reason === 'WITHDRAWAL' ? 'ReportWithdrawn' : 'ReportRecorded');
      expect({ report, eventId, recordedAt }).toEqual({
        report: expect.objectContaining({ publisher: expect.any(String), reportId: expect.any(String) }),
        eventId: expect.any(String),
        recordedAt: expect.stringMatching(/Z$/),
      });
    }
  });

  it('refuses ends in the wrong order and beyond the log', async () => {
    expect((await api.get('/v1/diff?asOfFrom=9&asOfTo=8')).json()).toMatchObject({ code: 'INVALID_PARAMETER' });
    expect((await api.get('/v1/diff')).statusCode).toBe(400);
    for (const [asked, parameter] of [
      ['asOfFrom=1&asOfTo=999999', 'asOfTo'],
      ['asOfFrom=999999', 'asOfFrom'],
      ['asOfFrom=no!', 'asOfFrom'],
    ]) {
      const { errors } = (await api.get(`/v1/diff?${asked}`)).json();
      expect(errors[0].parameter).toBe(parameter);
    }
    expect((await api.get('/v1/diff?asOfFrom=2018-11-09')).json()).toMatchObject({ code: 'AS_OF_OUT_OF_RANGE' });
    expect((await api.get('/v1/diff?asOfFrom=1&asOf=3')).json()).toMatchObject({ code: 'UNKNOWN_PARAMETER' });
    expect((await api.get('/v1/diff?asOfFrom=1&publishedUntil=9')).json()).toMatchObject({ code: 'INVALID_PARAMETER' });
  });

  it('gives CSV whose columns add up, too', async () => {
    const { difference } = await api.json('/v1/diff?asOfFrom=100&measure=KILLED');
    const { body } = await api.get('/v1/diff?asOfFrom=100&measure=KILLED&format=csv');
    const [names = '', ...rows] = body.trimEnd().split('\r\n');
    const column = names.split(',').indexOf('lo');
    const incidents = names.split(',').indexOf('incidents');
    const cells = rows.map((row) => row.split(','));
    expect(cells.reduce((sum, row) => sum + Number(row[column]), 0)).toBe(difference.measures.KILLED.lo);
    expect(cells.reduce((sum, row) => sum + Number(row[incidents]), 0)).toBe(difference.incidents);
  });
});
