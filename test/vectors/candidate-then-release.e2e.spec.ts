import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ledger } from '../support/ledger-cli.js';
import type { Json } from '../support/query-api.js';
import { startSystem, type TestSystem } from '../support/system.js';

const HEADER =
  'id,type_of_violence,side_a,gwnoa,side_b,gwnob,where_prec,where_coordinates,latitude,longitude,country,country_id,date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,low,best,high';
/** Events of Mali and Niger, February 2024: id, country, day, low, best, high. */
type Event = [id: number, country: [name: string, gw: number], day: number, low: number, best: number, high: number];
const MALI: [string, number] = ['Mali', 432];
const NIGER: [string, number] = ['Niger', 436];
const row = ([id, [country, gw], day, low, best, high]: Event): string => {
  const date = `2024-02-${String(day).padStart(2, '0')}`;
  return `${id},3,JNIM,,Civilians,,4,${country},17.5,-1.5,${country},${gw},1,${date},${date},0,0,${best},0,${low},${best},${high}`;
};

const CANDIDATE: Event[] = [
  [501, MALI, 3, 2, 2, 4],
  [502, MALI, 9, 5, 6, 9],
  [503, NIGER, 12, 1, 1, 1],
];
/** 501 corrected, 502 dropped, 503 as it was, 504 found later. */
const RELEASE: Event[] = [
  [501, MALI, 3, 3, 4, 4],
  [503, NIGER, 12, 1, 1, 1],
  [504, MALI, 20, 7, 7, 8],
];

describe('a UCDP Candidate release and the yearly one after it', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'releases-'));
  let system: TestSystem;
  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest', 'projector', 'query-api'] });
  }, 120_000);
  afterAll(async () => {
    await system.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  async function imported(name: string, events: readonly Event[], ...options: string[]): Promise<Json> {
    const file = path.join(folder, name);
    writeFileSync(file, `${[HEADER, ...events.map(row)].join('\n')}\n`);
    const { code, stdout } = await ledger(['--json', 'import', 'ucdp', file, ...options], system.env);
    expect({ code, stdout }).toMatchObject({ code: 0 });
    return JSON.parse(stdout);
  }

  async function json(url: string): Promise<Json> {
    const answer = await fetch(`${system.app('query-api').url}${url}`);
    const body = (await answer.json()) as Json;
    expect({ url, status: answer.status, body }).toMatchObject({ status: 200 });
    return body;
  }

  it('differ by revisions, a withdrawal and a new event, which add up; until the later one, the candidate stands', async () => {
    expect(await imported('GEDEvent_v24_0_2.csv', CANDIDATE)).toMatchObject({ release: '24.0.2', published: 3 });
    const before = await json('/v1/casualties?measure=KILLED&estimator=best');
    expect(before.total).toMatchObject({ incidents: 3, measures: { KILLED: { lo: 8, hi: 14, point: 9 } } });
    expect(await imported('GEDEvent_v25_1.csv', RELEASE, '--withdraw-missing')).toMatchObject({ withdrawn: 1 });

    const asked = 'measure=KILLED&estimator=best';
    const { data, difference, after } = await json(`/v1/diff?${asked}&asOfFrom=${before.asOf.position}`);
    const told = data.map(({ ref, reason, report, changes }: Json) => {
      const { lo, point, hiKnown } = changes.measures.KILLED ?? { lo: 0, point: 0, hiKnown: 0 };
      return [ref, reason, report.revision, [lo, point, hiKnown]];
    });
    expect(told.filter(([ref]: [string]) => ref !== '503').toSorted()).toEqual([
      ['501', 'REVISION', 250_100, [1, 2, 0]],
      ['502', 'WITHDRAWAL', null, [-5, -6, -9]],
      ['504', 'NEW_REPORT', 250_100, [7, 7, 8]],
    ]);
    // The same numbers again, by a newer release.
    const same = told.filter(([ref]: [string]) => ref === '503').map(([, , , sums]: Json) => sums);
    expect(same.flat().filter(Boolean)).toEqual([]);
    expect(difference).toMatchObject({ incidents: 0, measures: { KILLED: { lo: 3, point: 3, hiKnown: -1 } } });
    expect(after).toMatchObject({ incidents: 3, measures: { KILLED: { lo: 11, hi: 13, point: 12 } } });

    // A withdrawal holds as recorded: what UCDP dropped is there at no moment of publication, and still as of then.
    const until = await json(`/v1/casualties?${asked}&publishedUntil=2024-12-31`);
    expect(until.total).toMatchObject({ incidents: 2, measures: { KILLED: { lo: 3, hi: 5, point: 3 } } });
    const then = await json(`/v1/casualties?${asked}&asOf=${before.asOf.position}`);
    expect(then.total).toEqual(before.total);
    const mali = await json(`/v1/casualties?${asked}&region=MLI&groupBy=month`);
    expect(mali.data).toMatchObject([{ group: { period: { key: '2024-02' } }, incidents: 2 }]);
  }, 240_000);
});
