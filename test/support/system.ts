import pg from 'pg';
import { type TestDatabase, freshDatabase } from './database.js';
import { freshTopics, testBrokers } from './kafka.js';
import { type App, type AppName, startApp, systemEnvironment } from './processes.js';

export interface SystemOptions {
  /** Started in this order, and ready when `startSystem` resolves. Default: all but none twice. */
  apps?: readonly AppName[];
  /** Over the environment of every app. */
  env?: Record<string, string>;
  /** A broker of the test's own; default: that of the run, with its topics emptied. */
  brokers?: string;
  /** A PostgreSQL of the test's own (superuser, any database); default: that of the run. */
  adminUrl?: string;
  /** For the apps to become ready; many of them on busy cores take longer. Default: a minute. */
  patienceMs?: number;
  /** Of the reports topic. */
  partitions?: number;
}

export interface TestSystem {
  readonly database: TestDatabase;
  /** As superuser, for looking behind the scenes. */
  readonly pool: pg.Pool;
  readonly brokers: string;
  /** What every app of this system was given: for further ones, and for the CLI. */
  readonly env: Record<string, string>;
  /** The app started last under this name. */
  app(name: AppName): App;
  /** Another process of the app, or a new one after a kill; not yet ready. */
  start(name: AppName, env?: Record<string, string>): Promise<App>;
  /** Stops every app and drops the database. */
  stop(): Promise<void>;
}

const ALL: readonly AppName[] = ['ingest', 'projector', 'query-api', 'audit-api', 'intake-api'];

/** A whole system of its own: fresh database, empty topics, real processes. */
export async function startSystem(options: SystemOptions = {}): Promise<TestSystem> {
  const brokers = options.brokers ?? testBrokers();
  const [database] = await Promise.all([freshDatabase(options.adminUrl), freshTopics(brokers, options.partitions)]);
  const env = { ...systemEnvironment({ databaseUrl: database.url, brokers }), ...options.env };
  const started: App[] = [];
  const pool = new pg.Pool({ connectionString: database.url, max: 3 });
  pool.on('error', () => {}); // a test that kills PostgreSQL kills idle connections too
  const system: TestSystem = {
    database,
    pool,
    brokers,
    env,
    app: (name) => {
      const app = started.findLast((each) => each.name === name);
      if (!app) throw new Error(`${name} was not started`);
      return app;
    },
    start: async (name, more = {}) => {
      const app = await startApp(name, { ...env, ...more });
      started.push(app);
      return app;
    },
    stop: async () => {
      await Promise.all(started.filter((app) => app.isRunning()).map((app) => app.stop()));
      await pool.end();
      await database.drop();
    },
  };
  try {
    for (const name of options.apps ?? ALL) await system.start(name);
    await Promise.all(started.map((app) => app.waitReady(options.patienceMs ?? 60_000)));
    return system;
  } catch (error) {
    await system.stop();
    throw error;
  }
}
