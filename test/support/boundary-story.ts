import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PublicReport } from '#app/domain';
import { type BoundarySetContent, writeBoundarySet } from '#app/gazetteer';
import { EventPartitions, prepareEvent, systemDraft } from '#app/log';
import { createPool, withTransaction } from '#app/runtime';
import type pg from 'pg';
import { pino } from 'pino';
import { ActiveBoundarySets, findBoundarySet } from '../../apps/ingest/src/place/active-boundary-sets.js';
import { BoundaryPlacer } from '../../apps/ingest/src/place/boundary-placer.js';
import { QueryApiConfig } from '../../apps/query-api/src/query-api.config.js';
import { createQueryApi } from '../../apps/query-api/src/query-api.js';
import { IncidentStory, startProjection, type TestProjection, type ToldReport } from './incident-story.js';
import { projectAll } from './project-all.js';

// What an answer holds is what the tests find out.
export type Json = ReturnType<JSON['parse']>;
type Told = Omit<ToldReport, 'placements' | 'country'> & { place: PublicReport['place'] };

/** A log whose reports are placed by the boundary sets that are active in it, as ingest does, and the query API over it. */
export interface BoundaryStory {
  projection: TestProjection;
  /** With the rights of ingest. */
  pool: pg.Pool;
  import: (content: BoundarySetContent) => Promise<string>;
  /** Appends the activation of the newest version. @returns its position */
  activate: (name: string) => Promise<number>;
  report: (told: Told) => Promise<number>;
  /** A placer with a memory of its own, as a process that has just started. */
  placer: () => BoundaryPlacer;
  /** Places what was recorded before the activations, to the end. */
  placeEarlier: () => Promise<void>;
  /** Projects and reads. @throws Error for anything but a 200 */
  json: (url: string) => Promise<Json>;
  get: (
    url: string,
  ) => Promise<{ statusCode: number; headers: Record<string, unknown>; json: () => Json; body: string }>;
  close: () => Promise<void>;
}

export async function startBoundaryStory(defaultBoundary = 'iso-3166'): Promise<BoundaryStory> {
  const projection = await startProjection();
  const { log } = projection;
  await new EventPartitions(log.pool).prepareFor(100_000);
  const writer = createPool(log.url, { role: 'ledger_gazetteer', max: 1 });
  const story = new IncidentStory(log);
  const sets = new ActiveBoundarySets(1);
  const folder = mkdtempSync(path.join(tmpdir(), 'boundaries-'));
  const keyFile = path.join(folder, 'master-key');
  writeFileSync(keyFile, Buffer.alloc(32, 7), { mode: 0o600 });
  const config = Object.assign(new QueryApiConfig(), {
    DATABASE_URL: log.url,
    LEDGER_MASTER_KEY_FILE: keyFile,
    LEDGER_DEFAULT_BOUNDARY: defaultBoundary,
  });
  await projectAll(projection.pool);
  const app = await createQueryApi(config, pino({ level: 'silent' }));
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  let activated = 4;
  const context = { logId: 1, log: log.head.log, masterKey: log.masterKey } as ConstructorParameters<
    typeof BoundaryPlacer
  >[1];
  const placer = (): BoundaryPlacer => new BoundaryPlacer(log.pool, context, pino({ level: 'silent' }));
  const get: BoundaryStory['get'] = async (url) => {
    await projectAll(projection.pool);
    return app.inject({ url, headers: { host: 'ledger.example' } });
  };
  return {
    projection,
    pool: log.pool,
    import: async (content) => (await withTransaction(writer, (tx) => writeBoundarySet(tx, content))).sha256,
    activate: async (name) => {
      const data = await withTransaction(log.pool, (tx) => findBoundarySet(tx, name));
      if (data === null) throw new Error(`there is no set ${name}`);
      const draft = systemDraft('BoundarySetActivated', data, {
        stream: log.head.log,
        streamVersion: (activated += 1),
      });
      return log.append([prepareEvent(draft, context)]);
    },
    report: async ({ place, ...told }) => {
      const placeInSets = await withTransaction(log.pool, (tx) => sets.hold(tx));
      return log.append([story.report({ ...told, place, placements: placeInSets(place) })]);
    },
    placer,
    placeEarlier: async () => {
      const one = placer();
      while (await one.placeSome());
    },
    get,
    json: async (url) => {
      const answer = await get(url);
      if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode} ${answer.body}`);
      return answer.json();
    },
    close: async () => {
      await app.close();
      await writer.end();
      await projection.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
