import { BOUNDARY_SET } from '#app/geography';
import { DataSource, type DataSourceOptions, type EntityManager } from 'typeorm';
import { readOptions } from '../../apps/query-api/src/database/read-database.js';
import type { QueryApiConfig } from '../../apps/query-api/src/query-api.config.js';
import { cpuSeconds, percentile } from './machine.js';
import type { ReadingCase, World } from './reading-cases.js';

export interface ReadingResult {
  what: string;
  runs: number;
  /** Planning and execution of all statements of an answer, with the writing of its rows, by EXPLAIN ANALYZE. */
  databaseMs: { p50: number; p99: number };
  /** The whole question on a warm connection, with the client's part. */
  clientMs: { p50: number; p99: number };
  /** CPU time of the server's process for one question, on average (10 ms ticks over all runs); what a busy machine shows best. */
  cpuMs: number;
  /** The very first one, as the client saw it: nothing in PostgreSQL's cache but what was just loaded. */
  firstMs: number;
  /** Statements of one question. */
  statements: number;
}

interface Statement {
  text: string;
  values: unknown[];
}

/** As query-api connects, but with a single connection, which stays warm. */
export async function readingConnection(databaseUrl: string): Promise<DataSource> {
  const config = { DATABASE_URL: databaseUrl, QUERY_TIMEOUT_MS: 120_000, LEDGER_DEFAULT_BOUNDARY: BOUNDARY_SET };
  const options = { ...readOptions(config as QueryApiConfig), poolSize: 1 };
  return new DataSource(options as DataSourceOptions).initialize();
}

/** Asks a case again and again, each time with other random values, and explains the statements it has sent. */
export async function measureCase(
  source: DataSource,
  asked: Pick<ReadingCase, 'what' | 'runs' | 'ask'>,
  world: World,
): Promise<ReadingResult> {
  const client: number[] = [];
  const database: number[] = [];
  let statements = 0;
  const [{ pid }] = await source.query<[{ pid: number }]>('SELECT pg_backend_pid() AS pid');
  const cpuBefore = cpuSeconds([pid]);
  for (let run = 0; run < asked.runs; run++) {
    const sent: Statement[] = [];
    const startedAt = performance.now();
    await asked.ask(remembering(source, sent), world);
    client.push(performance.now() - startedAt);
    database.push(await source.transaction((tx) => explained(tx, sent)));
    statements = Math.max(statements, sent.length);
  }
  return {
    what: asked.what,
    runs: asked.runs,
    databaseMs: percentiles(database),
    clientMs: percentiles(client),
    // Each question is asked twice: once as it is, once explained.
    cpuMs: round(((cpuSeconds([pid]) - cpuBefore) * 1000) / asked.runs / 2),
    firstMs: round(client[0] ?? Number.NaN),
    statements,
  };
}

/** The same connection, remembering what it is asked. */
function remembering(source: DataSource, sent: Statement[]): DataSource {
  return new Proxy(source, {
    get(target, name): unknown {
      if (name === 'transaction') {
        return (work: (tx: EntityManager) => Promise<unknown>): Promise<unknown> =>
          target.transaction((tx) => work(recording(tx, sent)));
      }
      return Reflect.get(target, name, target);
    },
  });
}

function recording(tx: EntityManager, sent: Statement[]): EntityManager {
  return new Proxy(tx, {
    get(target, name): unknown {
      if (name === 'query') {
        return (text: string, values: unknown[] = []): Promise<unknown> => {
          sent.push({ text, values });
          return target.query(text, values);
        };
      }
      return Reflect.get(target, name, target);
    },
  });
}

interface Plan {
  'Planning Time': number;
  'Execution Time': number;
}

async function explained(tx: EntityManager, sent: readonly Statement[]): Promise<number> {
  let total = 0;
  for (const { text, values } of sent) {
    const [row] = await tx.query<{ 'QUERY PLAN': [Plan] }[]>(
      `EXPLAIN (ANALYZE, TIMING OFF, SERIALIZE TEXT, FORMAT JSON) ${text}`,
      values,
    );
    const [plan] = (row as { 'QUERY PLAN': [Plan] })['QUERY PLAN'];
    total += plan['Planning Time'] + plan['Execution Time'];
  }
  return total;
}

const round = (ms: number): number => Math.round(ms * 10) / 10;
const percentiles = (values: readonly number[]): { p50: number; p99: number } => ({
  p50: round(percentile(values, 50)),
  p99: round(percentile(values, 99)),
});
