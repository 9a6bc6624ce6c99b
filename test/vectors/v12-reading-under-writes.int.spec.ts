import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Report } from '#app/domain';
import { type Json, startQueryApi, type TestQueryApi } from '../support/query-api.js';
import { VariedStory } from '../support/varied-story.js';

/**
 * V12: many incidents are read page by page while writes go on: none twice, none missing, the total constant.
 * V12_INCIDENTS sets their number: a few thousand by default, 100000 for the vector as it is written.
 */
const INCIDENTS = Number(process.env['V12_INCIDENTS'] ?? 3_000);
const DESK = 'https://desk.example/';
const BATCH = 500;

jest.setTimeout(120_000 + INCIDENTS * 40);

let api: TestQueryApi;
let story: VariedStory;

function report(n: number, revision: number): Report {
  const day = `2018-${String(1 + (n % 12)).padStart(2, '0')}-${String(1 + ((n * 7) % 28)).padStart(2, '0')}`;
  return {
    reportId: `report-${n}`,
    revision,
    incident: { ref: `incident-${n}` },
    publishedAt: `${day}T20:00:00Z`,
    source: { name: 'Desk', kind: 'NGO' },
    // A revision moves the incident in the order of the list.
    occurred: {
      start: revision === 1 ? day : '2018-06-15',
      end: revision === 1 ? day : '2018-06-15',
      precision: 'DAY',
    },
    place: { country: 'IQ', admin: [{ code: 'IQ-NI', authority: 'ISO' }], precision: 'ADM1' },
    classification: { incidentType: 'ARMED_CLASH' },
    casualties: [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo: n % 5, hi: n % 5 } }],
  };
}

beforeAll(async () => {
  api = await startQueryApi();
  story = new VariedStory(api.projection.log, () => 0);
  for (let first = 0; first < INCIDENTS; first += BATCH) {
    const size = Math.min(BATCH, INCIDENTS - first);
    await api.record(Array.from({ length: size }, (_, n) => story.report(DESK, report(first + n, 1))));
  }
});
afterAll(() => api.close());

it.each(['start', '-start', 'position'])(
  'pages sorted by %s hold each incident once while others come and these move',
  async (sort) => {
    const before = (await api.json('/v1/incidents?limit=1')).total as number;
    const work = { isReading: true };
    let written = 0;
    const writing = (async () => {
      for (let n = 0; work.isReading; n += 1) {
        await api.record([
          story.report(DESK, report(1_000_000 + before + n, 1)),
          story.report(DESK, report((n * 37) % INCIDENTS, 2 + n)),
        ]);
        written += 1;
      }
    })();
    const seen: string[] = [];
    const totals = new Set<number>();
    const positions = new Set<number>();
    const limit = Math.max(50, Math.floor(INCIDENTS / 40));
    for (let next: string | null = `/v1/incidents?sort=${sort}&limit=${limit}`; next !== null; ) {
      const page: Json = await api.json(next.replace('http://ledger.example', ''));
      seen.push(...page.data.map(({ id }: Json) => id));
      totals.add(page.total);
      positions.add(page.asOf.position);
      ({ next } = page);
    }
    work.isReading = false;
    await writing;
    expect(written).toBeGreaterThan(3);
    expect([...totals]).toEqual([seen.length]);
    expect(positions.size).toBe(1);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(before);
  },
);
