import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { AuditApiConfig } from '../../apps/audit-api/src/audit-api.config.js';
import { createAuditApi } from '../../apps/audit-api/src/audit-api.js';
import type { Json } from './query-api.js';

type Answer = Awaited<ReturnType<NestFastifyApplication['inject']>>;

/** The audit API in the process of the test. */
export interface TestAuditApi {
  app: NestFastifyApplication;
  get: (url: string, headers?: Record<string, string>) => Promise<Answer>;
  /** The JSON of a 200; throws otherwise. */
  json: (url: string) => Promise<Json>;
  close: () => Promise<void>;
}

/** @param of the database, and the folder that the notary publishes */
export async function startAuditApi({ url, tiles }: { url: string; tiles: string }): Promise<TestAuditApi> {
  const env = { DATABASE_URL: url, KAFKA_BROKERS: '127.0.0.1:1', LEDGER_TILES_DIR: tiles };
  const before = { ...process.env };
  // Its providers read the environment themselves.
  Object.assign(process.env, env);
  const app = await createAuditApi(Object.assign(new AuditApiConfig(), env), pino({ level: 'silent' }));
  Object.assign(process.env, before);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  const get: TestAuditApi['get'] = (path, headers = {}) =>
    app.inject({ url: path, headers: { host: 'ledger.example', ...headers } });
  return {
    app,
    get,
    json: async (path) => {
      const answer = await get(path);
      if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode} ${answer.body}`);
      return answer.json();
    },
    close: () => app.close(),
  };
}
