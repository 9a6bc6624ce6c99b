import { withCertificates } from '#app/runtime';
import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { DataSource, type DataSourceOptions, type EntityManager, QueryFailedError } from 'typeorm';
import type { QueryApiConfig } from '../query-api.config.js';

/** A setting of our own that every connection carries. */
const DEFAULT_BOUNDARY = 'ledger.default_boundary';

/** LEDGER_DEFAULT_BOUNDARY, as the connections of this process have it. */
export async function defaultBoundary(tx: EntityManager): Promise<string> {
  const [row] = await tx.query<{ name: string }[]>('SELECT current_setting($1) AS name', [DEFAULT_BOUNDARY]);
  return (row as { name: string }).name;
}

/** Connections that can only read, each transaction from one snapshot, under the role whose grants query-api has. */
export function readOptions({
  DATABASE_URL,
  QUERY_TIMEOUT_MS,
  LEDGER_DEFAULT_BOUNDARY,
}: QueryApiConfig): DataSourceOptions {
  const settings = [
    'role=ledger_query',
    'default_transaction_isolation=repeatable\\ read',
    'default_transaction_read_only=on',
    `statement_timeout=${QUERY_TIMEOUT_MS}`,
    'lock_timeout=5000',
    'idle_in_transaction_session_timeout=10000',
    'timezone=UTC',
    `${DEFAULT_BOUNDARY}=${LEDGER_DEFAULT_BOUNDARY}`,
    // The statements are short; compiling them would cost more than it saves.
    'jit=off',
    // Starting workers takes longer than most of them, and many readers share the cores.
    'max_parallel_workers_per_gather=0',
  ];
  return {
    type: 'postgres',
    url: withCertificates(DATABASE_URL),
    applicationName: 'conflict-ledger query-api',
    synchronize: false,
    migrationsRun: false,
    entities: [],
    poolSize: 8,
    connectTimeoutMS: 5_000,
    extra: { options: settings.map((setting) => `-c ${setting}`).join(' ') },
  };
}

@Injectable()
export class ReadDatabase {
  constructor(private readonly source: DataSource) {}

  /**
   * Everything `work` reads comes from one moment of the database. It may run twice: the tables of the moment are gone
   * when two rebuilds have switched since, and then those of a later moment are read.
   */
  async read<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.once(work);
    } catch (error) {
      if (!isGone(error)) throw error;
      return this.once(work);
    }
  }

  /** TypeORM says of a connection that was lost between two statements only that it is released: not why, nor that it passes. */
  private async once<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    let lost: Error | undefined;
    const noted = (error: Error): void => void (lost ??= error);
    try {
      return await this.source.transaction(async (tx) => {
        const client = await clientOf(tx);
        client.once('error', noted);
        try {
          return await work(tx);
        } finally {
          client.off('error', noted);
        }
      });
    } catch (error) {
      throw lost ?? error;
    }
  }

  /** For the health checks: asked like a pool. */
  async query(sql: string): Promise<{ rows: unknown[] }> {
    return { rows: await this.source.query<unknown[]>(sql) };
  }
}

/** SQLSTATE of a table that does not exist. */
const UNDEFINED_TABLE = '42P01';

function isGone(error: unknown): boolean {
  return error instanceof QueryFailedError && (error.driverError as { code?: unknown }).code === UNDEFINED_TABLE;
}

/** The node-postgres client of a transaction, for libraries that speak to `pg` directly. */
export async function clientOf(tx: EntityManager): Promise<PoolClient> {
  if (tx.queryRunner === undefined) throw new Error('not in a transaction');
  return (await tx.queryRunner.connect()) as PoolClient;
}
