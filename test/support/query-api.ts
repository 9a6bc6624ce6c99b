import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PreparedEvent } from '#app/log';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { QueryApiConfig } from '../../apps/query-api/src/query-api.config.js';
import { createQueryApi } from '../../apps/query-api/src/query-api.js';
import { startProjection, type TestProjection } from './incident-story.js';
import { projectAll } from './project-all.js';

// What an answer holds is what the tests find out.
export type Json = ReturnType<JSON['parse']>;

/** A log, its projection and the query API over it, all in one process on a database of their own. */
export interface TestQueryApi {
  projection: TestProjection;
  app: NestFastifyApplication;
  /** Appends and projects. @returns the last position */
  record: (events: readonly PreparedEvent[]) => Promise<number>;
  get: (
    url: string,
    headers?: Record<string, string>,
  ) => Promise<Awaited<ReturnType<NestFastifyApplication['inject']>>>;
  /** The JSON of a 200; throws otherwise. */
  json: (url: string) => Promise<Json>;
  /** All pages of a list, each as JSON. */
  pages: (url: string) => Promise<Json[]>;
  /** Stops the API, and the projection where it was not given. */
  close: () => Promise<void>;
}

/** @param given a projection that the caller closes; none: an empty one of its own */
export async function startQueryApi(given?: TestProjection): Promise<TestQueryApi> {
  const projection = given ?? (await startProjection());
  await projectAll(projection.pool);
  const folder = mkdtempSync(path.join(tmpdir(), 'query-api-'));
  const file = path.join(folder, 'master-key');
  // That of TestLog.
  writeFileSync(file, Buffer.alloc(32, 7), { mode: 0o600 });
  const config = Object.assign(new QueryApiConfig(), {
    DATABASE_URL: projection.log.url,
    LEDGER_MASTER_KEY_FILE: file,
  });
  const app = await createQueryApi(config, pino({ level: 'silent' }));
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  const get: TestQueryApi['get'] = (url, headers = {}) =>
    app.inject({ url, headers: { host: 'ledger.example', ...headers } });
  const json = async (url: string): Promise<Json> => {
    const answer = await get(url);
    if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode} ${answer.body}`);
    return answer.json();
  };
  return {
    projection,
    app,
    record: async (events) => {
      await projection.log.append(events);
      return (await projectAll(projection.pool)).position;
    },
    get,
    json,
    pages: async (url) => {
      const pages: Json[] = [];
      for (let next: string | null = url; next !== null; ) {
        const page: Json = await json(next.replace('http://ledger.example', ''));
        pages.push(page);
        ({ next } = page);
      }
      return pages;
    },
    close: async () => {
      await app.close();
      if (given === undefined) await projection.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
