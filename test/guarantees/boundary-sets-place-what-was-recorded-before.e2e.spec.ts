import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { produce } from '../support/kafka.js';
import { ledger } from '../support/ledger-cli.js';
import { startSystem, type TestSystem } from '../support/system.js';

/**
 * A boundary set that is activated while reports come in places every one of them exactly once: those after the activation in
 * their own events, those before by IncidentsPlaced, although ingest is killed again and again.
 */
describe('an activated boundary set places what was recorded before', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'boundary-'));
  let system: TestSystem;
  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest', 'projector', 'query-api'] });
  }, 90_000);
  afterAll(async () => {
    await system.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const send = (from: number, count: number): Promise<unknown> =>
    produce(
      Array.from({ length: count }, (_, i) => {
        const n = from + i;
        // A third each in the west, in the east, and known to the country only.
        const point = { latitude: 33, longitude: n % 3 === 0 ? 41 : 45 };
        const place = { country: 'IQ', name: `at ${n}`, ...point, precision: n % 3 === 2 ? 'COUNTRY' : 'SETTLEMENT' };
        return report({ id: `b-${n}`, reportId: `b-${n}`, ref: `b-${n}`, killed: 1, data: { place } });
      }),
      system.brokers,
    );

  async function incidents(filters: string): Promise<number> {
    const response = await fetch(`${system.app('query-api').url}/v1/casualties?${filters}`);
    const answer = (await response.json()) as { total?: { incidents: number } };
    return answer.total?.incidents ?? -1;
  }

  it('once each, whatever is killed', async () => {
    const group = system.env['LEDGER_CONSUMER_GROUP'] ?? '';
    await send(0, 3000);
    await untilIngested(system.pool, system.brokers, group);
    const file = path.join(folder, 'adm1.geojson');
    writeFileSync(file, JSON.stringify(halves()));
    const imported = await ledger(['gazetteer', 'import', file, '--level', '1', '--boundary', 'halves'], system.env);
    expect([imported.code, imported.stdout]).toEqual([0, expect.stringContaining('2 areas of level 1')]);
    const sent = send(3000, 1500);
    const activated = await ledger(['gazetteer', 'activate', 'halves', '--reason', 'a test'], system.env);
    expect([activated.code, activated.stdout]).toEqual([0, expect.stringContaining('as BoundarySetActivated')]);
    const listed = await ledger(['gazetteer', 'list', '--json'], system.env);
    const { builtIn, sets } = JSON.parse(listed.stdout) as { builtIn: object; sets: object[] };
    expect(builtIn).toMatchObject({ name: 'iso-3166', activeFrom: 1 });
    expect(sets).toMatchObject([{ name: 'halves', activeFrom: await activationPosition() }]);
    await sent;
    for (let kill = 0; kill < 3; kill += 1) {
      const before = await placedEvents();
      await eventually('some are placed', async () => (await placedEvents()) > before || (await isPlaced()), {
        everyMs: 5,
        timeoutMs: 60_000,
      });
      await system.app('ingest').kill('SIGKILL');
      await system.start('ingest');
    }
    await untilIngested(system.pool, system.brokers, group);
    await eventually('all are placed', isPlaced, { timeoutMs: 60_000 });
    const { rows } = await system.pool.query<{ leaf: string }>(
      "SELECT leaf FROM ledger.event WHERE type = 'IncidentsPlaced'",
    );
    const positions = rows.flatMap(({ leaf }) =>
      (JSON.parse(leaf) as { data: { placed: { positions: number[] }[] } }).data.placed.flatMap((one) => one.positions),
    );
    const activation = await activationPosition();
    const recordedBefore = await system.pool.query(
      "SELECT FROM ledger.event WHERE type = 'ReportRecorded' AND position < $1",
      [activation],
    );
    expect(positions).toHaveLength(recordedBefore.rowCount ?? 0);
    expect(new Set(positions).size).toBe(positions.length);
    await eventually('the figures have them all', async () => (await incidents('boundary=halves')) === 4500, {
      timeoutMs: 60_000,
    });
    expect(await incidents('boundary=halves&region=IQX1')).toBe(1500);
    expect(await incidents('boundary=halves&region=IQX2')).toBe(1500);
    expect(await incidents('boundary=halves&region=IQ')).toBe(4500);
    expect(await incidents('region=IQ')).toBe(4500);
  }, 240_000);

  async function activationPosition(): Promise<number> {
    const { rows } = await system.pool.query<{ position: string | null }>(
      "SELECT max(position) AS position FROM ledger.event WHERE type = 'BoundarySetActivated' AND position > 3",
    );
    return Number(rows[0]?.position ?? -1);
  }

  async function placedEvents(): Promise<number> {
    return (await system.pool.query("SELECT FROM ledger.event WHERE type = 'IncidentsPlaced'")).rowCount ?? 0;
  }

  async function isPlaced(): Promise<boolean> {
    const { rows } = await system.pool.query<{ next: string }>(
      "SELECT next_offset AS next FROM ledger.kafka_cursor WHERE consumer_group = 'boundary-placing'",
    );
    const activation = await activationPosition();
    return activation > 0 && rows.some(({ next }) => Number(next) === activation);
  }
});

function halves(): object {
  const box = (code: string, west: number, east: number) => ({
    type: 'Feature',
    properties: { ADM1_PCODE: code, ADM1_EN: code, ADM0_PCODE: 'IQ' },
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [west, 30],
          [east, 30],
          [east, 38],
          [west, 38],
          [west, 30],
        ],
      ],
    },
  });
  return { type: 'FeatureCollection', features: [box('IQX1', 38, 43), box('IQX2', 43, 49)] };
}
