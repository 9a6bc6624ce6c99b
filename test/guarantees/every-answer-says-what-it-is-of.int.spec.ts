import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { PROJECTION_VERSION } from '#app/domain';
import { IncidentStory } from '../support/incident-story.js';
import { OfficialStory } from '../support/official-story.js';
import { type Json, startQueryApi, type TestQueryApi } from '../support/query-api.js';
import { exact, UNAMI_SERIES, UNAMI_SOURCE, unamiFigure } from '../support/unami.js';

jest.setTimeout(120_000);

/** Position, projection, policy, boundary set and moment of publication, in every format of every route. */
let api: TestQueryApi;
let head: number;
const incident: { id?: string } = {};
const UNTIL = '2018-12-31T00:00:00.000Z';

beforeAll(async () => {
  api = await startQueryApi();
  const [desk, unami] = [new IncidentStory(api.projection.log), new OfficialStory(api.projection.log, UNAMI_SOURCE)];
  const other = new IncidentStory(api.projection.log, 'https://other.example/');
  incident.id = desk.id(1);
  const placement = { country: 'IQ', admin1: 'IQ-NI', admin2: null, admin3: null, precision: 'EXACT_POINT' } as const;
  const publisher = { name: 'UNAMI', kind: 'UN' } as const;
  const period = { start: '2018-10-01', end: '2018-10-31' };
  head = await api.record([
    ...[desk, other].map((story) =>
      story.report({
        incident: 1,
        reportId: 'r',
        outlet: story.ceSource,
        date: '2018-10-08',
        casualties: [{ measure: 'KILLED', status: 'CIVILIAN', value: exact(3) }],
        place: { country: 'IQ', latitude: 36.3, longitude: 43.1, precision: 'EXACT_POINT' },
        placements: { 'iso-3166': placement },
      }),
    ),
    unami.aggregate(unamiFigure('2018-10', 'KILLED', 69, { publishedAt: '2018-11-02T00:00:00Z' })),
    unami.trend({
      ...{
        trendId: 't',
        metric: 'CIVILIAN_CASUALTIES',
        direction: 'RECORD_LOW',
        areas: [{ code: 'IQ' }],
        period,
        publisher,
      },
      publishedAt: '2018-11-02T00:00:00Z',
    }),
    unami.site({
      ...{ siteRef: 's', kind: 'MASS_GRAVE', area: { code: 'IQ' }, count: exact(202), publisher },
      publishedAt: '2018-11-06T00:00:00Z',
    }),
    desk.decision('SnapshotSealed', { name: 'then', projection: PROJECTION_VERSION }),
    desk.report({ incident: 3, reportId: 'later' }),
  ]);
});
afterAll(() => api?.close());

/** What a route must be asked with. */
const ASKED: Record<string, string> = {
  '/v1/diff': 'asOfFrom=3&asOfTo=then',
  '/v1/reconciliation': `series=${UNAMI_SERIES}&period=2018-10`,
};
/** They are no answers of a state: a stream, and bytes that somebody kept. */
const OTHERS = ['/v1/changes', '/v1/citations/{id}', '/v1/citations/{id}/result'];

/** Routes whose document does not name the header that they send. */
async function withoutHeader(): Promise<string[]> {
  const { paths } = await api.json('/openapi.json');
  const reads = Object.entries<Json>(paths).filter(([path, { get }]) => path.startsWith('/v1/') && get !== undefined);
  return reads.filter(([, { get }]) => !('ledger-as-of' in (get.responses['200'].headers ?? {}))).map(([path]) => path);
}

interface Case {
  url: string;
  type: string;
  takesUntil: boolean;
}

async function cases(): Promise<Case[]> {
  const { paths } = await api.json('/openapi.json');
  return Object.entries<Json>(paths).flatMap(([path, { get }]) => {
    if (!path.startsWith('/v1/') || get === undefined || OTHERS.includes(path)) return [];
    const names: string[] = get.parameters.map(({ name }: Json) => name);
    const takesUntil = names.includes('publishedUntil');
    const query = [ASKED[path], names.includes('asOf') && 'asOf=then', takesUntil && `publishedUntil=${UNTIL}`];
    const filled = path.replace('{id}', incident.id ?? '').replace('{code}', 'IQ');
    const url = `${filled}?${query.filter(Boolean).join('&')}`;
    return Object.keys(get.responses['200'].content).map((type) => ({ url, type, takesUntil }));
  });
}

it('is told in JSON, CSV, NDJSON and GeoJSON, and in a header of each', async () => {
  const all = await cases();
  expect(all.length).toBeGreaterThan(30);
  const position = head - 1;
  for (const { url, type, takesUntil } of all) {
    const answer = await api.get(url, { accept: type });
    const told = { url, type, status: answer.statusCode };
    expect(told).toEqual({ url, type, status: 200 });
    const header = answer.headers['ledger-as-of'];
    const recordedAt = /recorded-at="([^"]+)"/.exec(String(header))?.[1];
    const until = takesUntil ? `, published-until="${UNTIL}"` : '';
    const dictionary = `position=${position}, recorded-at="${recordedAt}", projection=${PROJECTION_VERSION}, policy=1, boundary="iso-3166"${until}`;
    expect({ ...told, header }).toEqual({ ...told, header: dictionary });
    const state = {
      asOf: {
        position,
        recordedAt,
        treeSize: position + 1,
        projection: PROJECTION_VERSION,
        policy: 1,
        boundary: 'iso-3166',
      },
      ...(takesUntil && { publishedUntil: UNTIL }),
    };
    if (type === 'text/csv') {
      const [names = [], row = []] = answer.body.split('\r\n').map((line) => line.split(','));
      const cell = (name: string): unknown => [
        name,
        names.includes(name) ? row.at(names.indexOf(name) - names.length) : null,
      ];
      expect({ ...told, cells: ['as_of_position', 'boundary'].map(cell) }).toEqual({
        ...told,
        cells: [
          ['as_of_position', String(position)],
          ['boundary', 'iso-3166'],
        ],
      });
      expect({ ...told, cell: cell('published_until') }).toEqual({
        ...told,
        cell: ['published_until', takesUntil ? UNTIL : null],
      });
      expect({ ...told, cell: cell('as_of_from_position') }).toEqual({
        ...told,
        cell: ['as_of_from_position', url.startsWith('/v1/diff') ? '3' : null],
      });
    } else if (type === 'application/x-ndjson') {
      const lines = answer.body.trim().split('\n');
      for (const line of lines) expect({ ...told, line: JSON.parse(line) }).toMatchObject({ ...told, line: state });
    } else expect({ ...told, body: answer.json() }).toMatchObject({ ...told, body: state });
  }
});

it('and the document names the header of each', async () => {
  expect(await withoutHeader()).toEqual(OTHERS);
});
