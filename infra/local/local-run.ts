import { migrate } from '#app/runtime';
import { type LocalApp, appPart, checkPorts, localApps, stopLeftApps, waitReady } from './local-apps.js';
import { localFolder } from './folders.js';
import type { RunningKafka } from './kafka-broker.js';
import { checkGivenKafka, chooseKafka, type KafkaWay, restartLocalKafka, startLocalKafka } from './local-kafka.js';
import { ensureDatabase, hasLog, postgresHome, restartLocalPostgres, startLocalPostgres } from './local-postgres.js';
import { logFile, masterKeyFile, signingKeyFile, verifierKeys, writeEnvironmentFile } from './local-state.js';
import { publishSamples, sampleFiles, waitUntilVisible } from './samples.js';
import type { Step } from './step.js';
import { type Part, Supervisor } from './supervisor.js';
import { makeTopics } from './topics.js';

/** Thrown between two steps after Ctrl-C. */
export class Interrupted extends Error {}

/** One `npm start`: the parts in the order of their dependencies, and back in the opposite order. */
export class LocalRun {
  readonly apps: readonly LocalApp[] = localApps();
  private readonly supervisor: Supervisor;
  private readonly kafkaWay: KafkaWay;
  private readonly stops: { apps?: () => Promise<void>; kafka?: () => Promise<void>; postgres?: () => Promise<void> } =
    {};
  /** What Kafka told before the step that waits for it began. */
  private kafkaTold = '';
  private kafkaNote = (text: string): void => {
    this.kafkaTold = text;
  };
  private databaseUrl = process.env['DATABASE_URL'] ?? '';
  private brokers = process.env['KAFKA_BROKERS'] ?? '';
  private environment: NodeJS.ProcessEnv = {};
  isInterrupted = false;

  constructor(
    private readonly step: Step,
    report: (text: string) => void,
  ) {
    this.supervisor = new Supervisor(report);
    this.kafkaWay = chooseKafka();
  }

  url(name: string): string {
    return `http://127.0.0.1:${this.apps.find((app) => app.name === name)?.port}`;
  }

  /** Whoever checks the log needs them. */
  verifierKeys(): string[] {
    const { LEDGER_SIGNING_KEY_FILE: file = '', LEDGER_LOG_ORIGIN: origin = '' } = this.environment;
    return verifierKeys(file, origin);
  }

  async start(): Promise<void> {
    const left = await stopLeftApps();
    if (left > 0) await this.step(`Stopped ${left} apps that a killed start had left`, () => {});
    await checkPorts(this.apps);
    const kafka = this.beginKafka();
    await this.startPostgres();
    await this.finishKafka(kafka);
    await this.next('Bringing the database up to date', async () => {
      const hadLog = await hasLog(this.databaseUrl);
      const applied = await migrate(this.databaseUrl);
      this.environment = this.appEnvironment(masterKeyFile(hadLog));
      return applied.length > 0 ? `${applied.length} migrations` : 'nothing to do';
    });
    await this.next('Making the topics', async () => {
      const made = await makeTopics(this.environment);
      return made.length > 0 ? made.join(', ') : 'all there';
    });
    await this.startApps();
  }

  async publishSamples(): Promise<void> {
    const files = sampleFiles();
    await this.next('Publishing the samples through Kafka', async () => {
      await publishSamples(files, this.environment);
      return `${files.length} files`;
    });
    await this.next('Waiting until they are in the figures', async () => {
      const urls = { audit: this.url('audit-api'), query: this.url('query-api') };
      const { messages, rejected } = await waitUntilVisible(files, urls, () => this.isInterrupted);
      return rejected > 0 ? `${messages} messages, ${rejected} rejected` : `${messages} messages`;
    });
  }

  /** In the opposite order of the start; each apart, so that one failure does not keep the rest alive. */
  async stop(): Promise<void> {
    this.supervisor.beginStop();
    const { apps, kafka, postgres } = this.stops;
    for (const [what, stop] of Object.entries({ 'the apps': apps, Kafka: kafka, PostgreSQL: postgres })) {
      if (stop)
        await this.step(`Stopping ${what}`, stop).catch((error: Error) => process.stderr.write(`${error.message}\n`));
    }
  }

  private async startPostgres(): Promise<void> {
    if (this.databaseUrl) {
      await this.next('Checking PostgreSQL (DATABASE_URL)', async () => void (await hasLog(this.databaseUrl)));
      return;
    }
    const home = postgresHome();
    await this.next('Starting PostgreSQL', async () => {
      const server = await startLocalPostgres(home);
      this.stops.postgres = () => this.supervisor.stop(['PostgreSQL']);
      const relaunch = () => restartLocalPostgres(home, server.port);
      await this.startAndKeep(partOf('PostgreSQL', 'postgres', server, relaunch));
      this.databaseUrl = await ensureDatabase(server.url);
      return `127.0.0.1:${server.port}, data in ${home}${server.adopted ? ', was still running and is taken over' : ''}`;
    });
  }

  /** Begun before PostgreSQL, since a JVM takes its time: both come up together. */
  private beginKafka(): Promise<RunningKafka> | null {
    if (this.kafkaWay.kind === 'given') return null;
    const starting = startLocalKafka(this.kafkaWay, (text) => this.kafkaNote(text));
    // Whatever comes in between, a broker that came up is stopped; why it did not is told by the step that waits for it.
    this.stops.kafka = () =>
      starting.then(
        (broker) => broker.stop(),
        () => {},
      );
    starting.catch(() => {});
    return starting;
  }

  private async finishKafka(starting: Promise<RunningKafka> | null): Promise<void> {
    const way = this.kafkaWay;
    if (way.kind === 'given' || starting === null) {
      await this.next('Checking Kafka (KAFKA_BROKERS)', () => checkGivenKafka(this.brokers));
      return;
    }
    await this.next('Starting Kafka', async (note) => {
      this.kafkaNote = note;
      if (this.kafkaTold) note(this.kafkaTold);
      const broker = await starting;
      this.brokers = broker.brokers;
      if (broker.pid === null) return `${broker.brokers}, in a container`;
      const relaunch = () => restartLocalKafka(way, broker.port);
      await this.startAndKeep(partOf('Kafka', 'kafka', { ...broker, pid: broker.pid }, relaunch));
      this.stops.kafka = () => this.supervisor.stop(['Kafka']);
      return `${broker.brokers}${broker.adopted ? ', was still running and is taken over' : ''}`;
    });
  }

  private async startApps(): Promise<void> {
    const names = this.apps.map(({ name }) => name);
    await this.next(`Starting ${names.join(', ')}`, async () => {
      this.stops.apps = () => this.supervisor.stop(names);
      const parts = this.apps.map((app) => appPart(app, this.environment));
      for (const part of parts) await this.supervisor.start(part);
      await Promise.all(this.apps.map((app) => waitReady(app, this.supervisor, () => this.isInterrupted)));
      for (const part of parts) this.supervisor.keep(part);
    });
  }

  private async startAndKeep(part: Part): Promise<void> {
    await this.supervisor.start(part);
    this.supervisor.keep(part);
  }

  private appEnvironment(masterKey: string): NodeJS.ProcessEnv {
    const origin = process.env['LEDGER_LOG_ORIGIN'] || 'localhost/conflict-ledger';
    const own = {
      DATABASE_URL: this.databaseUrl,
      KAFKA_BROKERS: this.brokers,
      LEDGER_MASTER_KEY_FILE: masterKey,
      LEDGER_TOPIC_SOURCES: process.env['LEDGER_TOPIC_SOURCES'] || '*',
      LEDGER_DEFAULT_BOUNDARY: process.env['LEDGER_DEFAULT_BOUNDARY'] || 'iso-3166',
      LEDGER_LOG_ORIGIN: origin,
      LEDGER_SIGNING_KEY_FILE: signingKeyFile(origin),
      LEDGER_TILES_DIR: process.env['LEDGER_TILES_DIR'] || localFolder('tiles'),
      LEDGER_QUERY_URL: this.url('query-api'),
      LEDGER_AUDIT_URL: this.url('audit-api'),
      LEDGER_INTAKE_URL: this.url('intake-api'),
      LEDGER_INGEST_URL: this.url('ingest'),
      LEDGER_PROJECTOR_URL: this.url('projector'),
      LEDGER_NOTARY_URL: this.url('notary'),
      LEDGER_RELAY_URL: this.url('relay'),
    };
    writeEnvironmentFile(own);
    // On loopback nobody is asked who he is: the samples and figures of a local run need no token.
    const open = { AUTH_ISSUER: '', AUTH_AUDIENCE: '', AUTH_JWKS_URL: '' };
    return { ...process.env, ...own, ...open };
  }

  private async next<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T> {
    if (this.isInterrupted) throw new Interrupted();
    const result = await this.step(title, work);
    if (this.isInterrupted) throw new Interrupted();
    return result;
  }
}

interface Server {
  pid: number;
  stop(): Promise<void>;
}

/** A server that runs already: `first` the first time, started anew after it died. */
function partOf(
  name: string,
  log: string,
  first: Server,
  relaunch: () => Promise<{ pid: number | null; stop(): Promise<void> }>,
) {
  let isFirst = true;
  return {
    name,
    logFile: logFile(log),
    launch: async (): Promise<Server> => {
      if (isFirst) {
        isFirst = false;
        return first;
      }
      const again = await relaunch();
      return { pid: again.pid ?? 0, stop: () => again.stop() };
    },
  };
}
