import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type CasualtyClaim, DIFFERENCE_CODES, type Report } from '#app/domain';
import { OfficialStory } from '../support/official-story.js';
import { type Json, startQueryApi, type TestQueryApi } from '../support/query-api.js';
import { hasUcdpIraq, UCDP_IRAQ, UCDP_SOURCE, ucdpReports } from '../support/ucdp-reports.js';
import { exact, UNAMI_SERIES, UNAMI_SOURCE, unamiAggregates, unamiFigure, unamiFiles } from '../support/unami.js';

jest.setTimeout(120_000);

/** V8: UNAMI's October 2018 beside the incidents that UCDP recorded of that month. */
const missing = [...unamiFiles, ...(hasUcdpIraq ? [] : [UCDP_IRAQ])];
const check = missing.length === 0 ? describe : describe.skip;
if (missing.length > 0) process.stderr.write(`skipped: V8, because ${missing.join(', ')} is not there\n`);

const URL = `/v1/reconciliation?series=${UNAMI_SERIES}`;

check('V8: UNAMI October 2018 beside UCDP', () => {
  let api: TestQueryApi;
  let killed: Json;
  let unami: OfficialStory;
  let before: number;
  beforeAll(async () => {
    api = await startQueryApi();
    unami = new OfficialStory(api.projection.log, UNAMI_SOURCE);
    const ucdp = new OfficialStory(api.projection.log, UCDP_SOURCE);
    const reports = await ucdpReports(['2018-09', '2018-10', '2018-11']);
    before = await api.record([
      ...unamiAggregates().map((aggregate) => unami.aggregate(aggregate)),
      ...reports.map((report) => ucdp.report(report)),
    ]);
    const { data, total, next } = await api.json(`${URL}&period=2018-10&publisher=UCDP&estimator=best`);
    expect([total, next, data.map(({ indicator }: Json) => indicator)]).toEqual([2, null, ['KILLED', 'INJURED']]);
    killed = data[0];
  });
  afterAll(() => api?.close());

  const areas = (): [string, number | null, number, number | null][] =>
    killed.areas.map(({ area, official, recorded, residual }: Json) => [
      area.region,
      official?.lo ?? null,
      recorded.together.point,
      residual?.point ?? null,
    ]);

  it('has 29 official and 17 recorded in Ninewa, and the residual of every area', () => {
    expect(areas()).toEqual([
      ['IQ-AN', 5, 0, 5],
      ['IQ-AR', null, 2, null],
      ['IQ-BG', 29, 1, 28],
      ['IQ-DA', null, 0, null],
      ['IQ-DI', null, 2, null],
      ['IQ-KI', null, 2, null],
      ['IQ-NI', 29, 17, 12],
      ['IQ-SD', null, 0, null],
    ]);
    const ninewa = killed.areas.find(({ area }: Json) => area.region === 'IQ-NI');
    expect(ninewa.recorded).toMatchObject({ together: { lo: 17, hi: 17 }, openIncidents: 0 });
    expect(ninewa.residual).toEqual({ lo: 12, hi: 12, point: 12 });
  });

  it('shows civilians and unknown apart and together: 16 and 8 of 27 incidents, and 45 are left', () => {
    const points = killed.recorded.byStatus.map(({ status, point }: Json) => [status, point]);
    expect(points).toEqual([
      ['CIVILIAN', 16],
      ['UNKNOWN', 8],
    ]);
    expect(killed.recorded).toMatchObject({ incidents: 27, together: { lo: 24, point: 24 } });
    expect(killed.residual).toMatchObject({ hi: 45, point: 45 });
  });

  it('keeps what the publisher allocates and what it does not apart, and spreads neither side', () => {
    expect(killed.official).toMatchObject({
      lo: 69,
      hi: 69,
      allocated: { lo: 63, hi: 63 },
      unallocated: { lo: 6, hi: 6, flags: [] },
    });
    expect(killed.notAllocated).toMatchObject({ official: { lo: 6 }, recorded: { incidents: 6 } });
    const placed = killed.areas.reduce((sum: number, { recorded }: Json) => sum + recorded.incidents, 0);
    expect(placed + killed.notAllocated.recorded.incidents).toBe(killed.recorded.incidents);
  });

  it('is the same as the casualty figures of the same incidents', async () => {
    const query = 'publisher=UCDP&from=2018-10-01&to=2018-10-31&status=CIVILIAN,UNKNOWN&measure=KILLED&estimator=best';
    const { data, total } = await api.json(`/v1/casualties?${query}&groupBy=region:admin1`);
    expect(total.measures.KILLED).toMatchObject(killed.recorded.together);
    for (const { group, measures } of data) {
      if (group.region.code === null) continue;
      const area = killed.areas.find(({ area: { region } }: Json) => region === group.region.code);
      expect([group.region.code, area.recorded.together]).toEqual([
        group.region.code,
        { lo: measures.KILLED.lo, hi: measures.KILLED.hi, point: measures.KILLED.point },
      ]);
    }
  });

  it('names why the two differ, one by one, by stable codes', () => {
    const codes = killed.differences.map(({ code }: Json) => code);
    expect(codes).toEqual([
      'STATUS_DEFINITION',
      'POLICE_NON_COMBAT',
      'DATA_CUTOFF',
      'OFFICIAL_UNALLOCATED',
      'AREA_BOUNDARIES',
      'PUBLISHER_SCOPE',
      'PLACED_ONLY_TO_COUNTRY',
      'DATED_ONLY_COARSELY',
      'CROSSES_PERIOD',
    ]);
    const of = (code: string): Json => killed.differences.find((difference: Json) => difference.code === code);
    expect(of('PLACED_ONLY_TO_COUNTRY').incidents).toBe(6);
    // Five are dated to the month, two to a week: among them the six dead of Ninewa that may belong to any day of it.
    expect(of('DATED_ONLY_COARSELY')).toMatchObject({ incidents: 7, detail: expect.stringContaining('MONTH 5') });
    expect(of('OFFICIAL_UNALLOCATED').amount).toEqual({ lo: 6, hi: 6 });
    expect(DIFFERENCE_CODES).toEqual(expect.arrayContaining(codes));
  });

  it('says of injured that UCDP says nothing, which is no zero', async () => {
    const { data } = await api.json(`${URL}&period=2018-10&publisher=UCDP&estimator=best&indicator=INJURED`);
    expect(data[0].recorded).toMatchObject({ silentIncidents: 27, together: { point: null } });
    expect(data[0].residual.point).toBeNull();
  });

  it('reconciles every month of 2018 that is there, and names the exclusion of months without Anbar', async () => {
    for (const month of ['2018-04', '2018-05', '2018-06', '2018-07', '2018-08', '2018-09', '2018-11', '2018-12']) {
      const { data } = await api.json(`${URL}&period=${month}&indicator=KILLED`);
      for (const { official, residual, recorded, areas: all } of data) {
        expect(official.allocated.lo + official.unallocated.lo).toBe(official.lo);
        expect(residual.lo).toBe(official.lo - recorded.together.hi);
        expect(all.length).toBeGreaterThanOrEqual(official.allocated.lo > 0 ? 1 : 0);
      }
    }
    const { data } = await api.json(`${URL}&period=2016-12&indicator=KILLED`);
    const exclusion = data[0].differences.find(({ code }: Json) => code === 'COVERAGE_EXCLUSION');
    expect(exclusion).toMatchObject({ areas: ['IQG01'], detail: expect.stringContaining('could not obtain Anbar') });
  });

  it('is gone when the series is withdrawn, and still there before', async () => {
    await api.record([unami.aggregateWithdrawal(UNAMI_SERIES)]);
    const gone = await api.get(`${URL}&period=2018-10`);
    expect([gone.statusCode, gone.json().code]).toEqual([404, 'AGGREGATE_NOT_FOUND']);
    const then = await api.json(`${URL}&period=2018-10&publisher=UCDP&estimator=best&asOf=${before}`);
    expect(then.data[0].areas).toEqual(killed.areas);
  });
});

describe('police in non-combat functions', () => {
  let api: TestQueryApi;
  const SOURCE = 'https://desk.example';
  const report = (ref: string, casualties: CasualtyClaim[], over: Partial<Report> = {}): Report => ({
    reportId: `${ref}-1`,
    revision: 1,
    incident: { ref },
    publishedAt: '2018-10-20T06:00:00Z',
    source: { name: 'Desk', kind: 'NGO' },
    occurred: { start: '2018-10-19', end: '2018-10-19', precision: 'DAY' },
    place: { country: 'IQ', admin: [{ code: 'IQ-NI', authority: 'ISO' }], precision: 'ADM1' },
    classification: { incidentType: 'IED_ATTACK' },
    casualties,
    ...over,
  });
  const killed = (status: CasualtyClaim['status'], count: number, role?: string): CasualtyClaim => ({
    measure: 'KILLED',
    ...(status && { status }),
    ...(role && { role }),
    value: exact(count),
  });
  beforeAll(async () => {
    api = await startQueryApi();
    const desk = new OfficialStory(api.projection.log, SOURCE);
    const unami = new OfficialStory(api.projection.log, UNAMI_SOURCE);
    const without = { statusDefinition: 'CIVILIANS_EXCLUDING_POLICE' } as const;
    await api.record([
      unami.aggregate(unamiFigure('2018-10', 'KILLED', 20)),
      unami.aggregate(unamiFigure('2018-10', 'KILLED', 15, without)),
      // Four civilians, three of them traffic police.
      desk.report(report('a', [killed('CIVILIAN', 4), killed('CIVILIAN', 3, 'POLICE_NON_COMBAT')])),
      // Two whom the desk counts among the armed forces: police who guard a facility.
      desk.report(report('b', [killed('ARMED_FORCES_MEMBER', 2, 'POLICE_NON_COMBAT')])),
      // Five civilians: that they were police is taken back by a later report of the same claimant.
      desk.report(report('c', [killed('CIVILIAN', 5, 'POLICE_NON_COMBAT')])),
      desk.report(report('c', [killed('CIVILIAN', 5)], { reportId: 'c-2', publishedAt: '2018-10-21T06:00:00Z' })),
    ]);
  });
  afterAll(() => api?.close());

  async function compared(query = ''): Promise<Json[]> {
    return (await api.json(`${URL}&period=2018-10&estimator=max${query}`)).data.map(
      ({ statusDefinition, policeNonCombat, recorded }: Json) => [
        statusDefinition,
        policeNonCombat,
        recorded.together.lo,
        recorded.together.point,
        recorded.policeMoved.lo,
      ],
    );
  }

  it('follow the definition of the series where the reader does not choose', async () => {
    expect(await compared()).toEqual([
      ['CIVILIANS_EXCLUDING_POLICE', 'exclude', 6, 6, -3],
      ['CIVILIANS_INCLUDING_POLICE', 'include', 11, 11, 2],
    ]);
  });

  it('are taken in or out as asked', async () => {
    expect(await compared('&policeNonCombat=include')).toEqual([
      ['CIVILIANS_EXCLUDING_POLICE', 'include', 11, 11, 2],
      ['CIVILIANS_INCLUDING_POLICE', 'include', 11, 11, 2],
    ]);
    expect(await compared('&policeNonCombat=exclude&statusDefinition=CIVILIANS_INCLUDING_POLICE')).toEqual([
      ['CIVILIANS_INCLUDING_POLICE', 'exclude', 6, 6, -3],
    ]);
  });
});
