import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Dedicated, startDedicatedPostgres } from '../support/dedicated.js';
import { eventually } from '../support/eventually.js';
import type { KafkaCluster } from '../support/kafka-cluster.js';
import { type App, type AppName, makeSignedLog } from '../support/processes.js';
import { startSystem, type TestSystem } from '../support/system.js';
import { Ledgers } from './oracle/ledgers.js';
import { mountSmallDisk } from './small-disk.js';

export const APPS: readonly AppName[] = [
  'ingest',
  'projector',
  'notary',
  'relay',
  'query-api',
  'audit-api',
  'intake-api',
];
const POSTGRES_MB = 900;
const TILES_MB = 64;
/** Few, so that they can be exhausted; seven apps take up to about forty. */
const MAX_CONNECTIONS = 70;
/** Two cores may be shared by others: slow is not wrong. */
const START_MS = 150_000;

/** The servers that all faults share: each is killed now and then, and comes back on its port. */
export interface Servers {
  postgres: Dedicated;
  kafka: Dedicated | KafkaCluster;
  /** Null where mounting is not allowed. */
  postgresDisk: string | null;
  stop(): Promise<void>;
}

/** @param startKafka one broker, or several */
export async function startServers(startKafka: () => Promise<Dedicated | KafkaCluster>): Promise<Servers> {
  let postgresDisk: string | null = null;
  const [postgres, kafka] = await Promise.all([
    // Little WAL is kept, since its disk is small.
    startDedicatedPostgres({ max_connections: String(MAX_CONNECTIONS), max_wal_size: '128MB' }, (cluster) => {
      if (mountSmallDisk(cluster, POSTGRES_MB)) postgresDisk = cluster;
    }),
    startKafka(),
  ]);
  return {
    postgres,
    kafka,
    postgresDisk,
    stop: async () => {
      await Promise.all([postgres.stopServer(), kafka.stop()]);
    },
  };
}

/** A whole system at work: its processes may be killed, replaced and doubled; what it has to account for is in `ledgers`. */
export class World {
  /** The processes that are meant to run, one of each app; what a fault starts beside them it ends itself. */
  readonly #apps = new Map<AppName, App>();
  /** A new process is not started while its predecessor is being replaced by somebody else. */
  readonly #replacing = new Map<AppName, Promise<unknown>>();
  readonly ledgers: Ledgers;

  private constructor(
    readonly servers: Servers,
    readonly system: TestSystem,
    /** The folder of the tiles, when it is a disk of its own. */
    readonly tilesDisk: string | null,
  ) {
    this.ledgers = new Ledgers(this);
  }

  static async start(servers: Servers): Promise<World> {
    const signed = makeSignedLog();
    const tilesDisk = mountSmallDisk(signed.LEDGER_TILES_DIR, TILES_MB) ? signed.LEDGER_TILES_DIR : null;
    const system = await startSystem({
      apps: [],
      adminUrl: servers.postgres.address,
      brokers: servers.kafka.address,
      env: { ...signed, LEDGER_CHECKPOINT_INTERVAL_MS: '100' },
    });
    const world = new World(servers, system, tilesDisk);
    world.ledgers.watch();
    try {
      await Promise.all(APPS.map((name) => world.begin(name)));
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.ledgers.close();
    await this.system.stop();
  }

  /** The broker, of a world that has one. */
  get broker(): Dedicated {
    const { kafka } = this.servers;
    if ('nodes' in kafka) throw new Error('this world has several brokers');
    return kafka;
  }

  /** The brokers, of a world that has several. */
  get cluster(): KafkaCluster {
    const { kafka } = this.servers;
    if (!('nodes' in kafka)) throw new Error('this world has one broker');
    return kafka;
  }

  get pool(): pg.Pool {
    return this.system.pool;
  }

  get group(): string {
    return this.system.env['LEDGER_CONSUMER_GROUP'] ?? '';
  }

  get tiles(): string {
    return this.system.env['LEDGER_TILES_DIR'] ?? '';
  }

  get checkpoint(): string | null {
    try {
      return readFileSync(path.join(this.tiles, 'checkpoint'), 'utf8');
    } catch {
      return null; // not there yet
    }
  }

  app(name: AppName): App {
    const app = this.#apps.get(name);
    if (app === undefined) throw new Error(`${name} was not started`);
    return app;
  }

  /** Kills the process if it still runs and puts a new one in its place, ready when this resolves. */
  replace(name: AppName): Promise<App> {
    return this.inTurn(name, async () => {
      await this.app(name).kill();
      return this.begin(name);
    });
  }

  /** A process that is to die at a named point, in the place of the one at work, and a sound one after it. */
  crash(name: AppName, point: string): Promise<void> {
    return this.inTurn(name, async () => {
      // In order, so that only the second one leaves its partitions behind without a word.
      await this.app(name).stop();
      const doomed = await this.system.start(name, { LEDGER_CRASH_AT: point });
      // What is asked over HTTP has to reach it to die of it.
      this.#apps.set(name, doomed);
      const died = doomed.exited.then(() => true);
      // Not referred to: what is left of the time after the last case would keep jest from ending.
      if (!(await Promise.race([died, sleep(START_MS, false, { ref: false })]))) {
        await doomed.kill();
        throw new Error(`${name} did not come to ${point}`);
      }
      await this.begin(name);
    });
  }

  /** SIGTERM, and a new process. @returns the exit code */
  async restart(name: AppName, env: Record<string, string> = {}): Promise<number | null> {
    return this.inTurn(name, async () => {
      const code = await this.app(name).stop();
      await this.begin(name, env);
      return code;
    });
  }

  /** A second process beside the one at work. */
  async double(name: AppName): Promise<App> {
    const app = await this.system.start(name);
    await app.waitReady(START_MS);
    return app;
  }

  /** Lets `app` be the one at work from now on. */
  adopt(app: App): void {
    this.#apps.set(app.name, app);
  }

  /** Connections of a superuser, who always finds a place, to this or another database of the server. */
  async asAdmin<T>(work: (admin: pg.Client) => Promise<T>, database?: string): Promise<T> {
    const url = new URL(database === undefined ? this.system.database.url : this.servers.postgres.address);
    if (database !== undefined) url.pathname = `/${database}`;
    const admin = new pg.Client({ connectionString: url.href });
    admin.on('error', () => undefined);
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.end();
    }
  }

  /** Names of the apps whose process is gone, though nobody killed it. */
  dead(): AppName[] {
    return APPS.filter((name) => !this.app(name).isRunning());
  }

  async untilReady(): Promise<void> {
    await Promise.all(APPS.map((name) => this.app(name).waitReady(START_MS)));
  }

  /** Resolves when Kafka, log, figures, tiles and the topic of events hold the same. */
  async settle(timeoutMs = 150_000): Promise<void> {
    let missing = '';
    await eventually(
      'the system has worked everything off',
      async () => {
        missing = (await this.ledgers.behind()).join(', ');
        if (missing !== '') throw new Error(missing);
        return true;
      },
      { timeoutMs, everyMs: 150 },
    );
  }

  private async begin(name: AppName, env: Record<string, string> = {}): Promise<App> {
    const app = await this.system.start(name, env);
    this.#apps.set(name, app);
    await app.waitReady(START_MS);
    return app;
  }

  private async inTurn<T>(name: AppName, work: () => Promise<T>): Promise<T> {
    const before = this.#replacing.get(name) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#replacing.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  }
}
