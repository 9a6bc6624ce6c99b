import { createPool } from '#app/runtime';
import type { Pool } from 'pg';
import { freshTopics, produce } from '../support/kafka.js';
import { startApp, systemEnvironment } from '../support/processes.js';
import type { RunningKafka } from '../../infra/local/kafka-broker.js';
import { type GrownName, type GrowthFolder, urlOfGrown } from './growth-folder.js';
import { type Recording, timeIngest } from './recording.js';
import { publishedReports } from './reports.js';
import { logSize } from './system.js';

/** What a process of ingest recorded in one of the two databases. */
export interface AppendTurn {
  round: number;
  name: GrownName;
  /** Of the log, before. */
  events: number;
  reportsPerSecond: number;
  /** Microseconds per report. */
  cpu: Recording['cpu'];
  /** Per report, the full images of pages that were not written since the last checkpoint included. */
  walBytes: number;
  /** Per 1,000 reports. */
  fullPageImages: number;
}

export interface Appending {
  server: string;
  folder: GrowthFolder;
  kafka: RunningKafka;
  rounds: number;
  /** A turn. */
  reports: number;
  say: (text: string) => void;
}

const CONSUMER_GROUP = 'bench-growth';

/**
 * In each round the same reports are published once and recorded in both databases, one after the other, each by a process of
 * ingest of its own; who comes first changes with every round. Each turn begins with a checkpoint, so that both pay alike for
 * the first writing of every page after it: the worst moment there is for an index that is written all over.
 */
export async function measureAppends(options: Appending): Promise<AppendTurn[]> {
  const { folder, kafka, rounds, reports, say } = options;
  await freshTopics(kafka.brokers);
  const turns: AppendTurn[] = [];
  for (let round = 1; round <= rounds; round++) {
    const state = folder.read();
    // Before they are published: a report that both have may come again only as a duplicate.
    folder.write({ ...state, published: state.published + reports });
    for (const messages of publishedReports(state.published, reports)) await produce(messages, kafka.brokers);
    const order: GrownName[] = round % 2 === 1 ? ['small', 'large'] : ['large', 'small'];
    for (const name of order) {
      const turn = await appendOnce(options, { round, name });
      turns.push(turn);
      const { reportsPerSecond, cpu, walBytes, fullPageImages } = turn;
      say(
        `append ${round}/${rounds} ${name}: ${reportsPerSecond} reports/s; CPU per report: ingest ${cpu.ingest} µs, PostgreSQL ${cpu.postgres} µs; WAL ${walBytes} bytes a report, ${fullPageImages} page images for 1,000`,
      );
    }
  }
  return turns;
}

async function appendOnce(
  { server, folder, kafka, reports }: Appending,
  { round, name }: { round: number; name: GrownName },
): Promise<AppendTurn> {
  const url = urlOfGrown(server, name);
  const pool = createPool(url, { max: 2 });
  pool.on('error', () => undefined);
  await pool.query('CHECKPOINT');
  const env = {
    ...systemEnvironment({ databaseUrl: url, brokers: kafka.brokers }),
    LEDGER_MASTER_KEY_FILE: folder.keyFile,
    LEDGER_CONSUMER_GROUP: `${CONSUMER_GROUP}-${name}`,
  };
  const events = await logSize(pool);
  const wal = await walWritten(pool);
  const app = await startApp('ingest', env);
  try {
    const { seconds, cpu } = await timeIngest({ pool }, { apps: [app], brokerPid: kafka.pid, reports, before: events });
    const after = await walWritten(pool);
    return {
      round,
      name,
      events,
      reportsPerSecond: Math.round(reports / seconds),
      cpu,
      walBytes: Math.round((after.bytes - wal.bytes) / reports),
      fullPageImages: Math.round(((after.images - wal.images) * 1_000) / reports),
    };
  } finally {
    await app.stop();
    await pool.end();
  }
}

async function walWritten(pool: Pool): Promise<{ bytes: number; images: number }> {
  const { rows } = await pool.query<{ bytes: number; images: number }>(
    `SELECT (pg_current_wal_insert_lsn() - '0/0')::float8 AS bytes, wal_fpi::float8 AS images FROM pg_stat_wal`,
  );
  return rows[0] as { bytes: number; images: number };
}
