import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { repositoryRoot } from '../repository-root.js';
import { withCertificates } from './address.js';

const FOLDER = path.join('infra', 'postgres', 'migrations');
const FILE = /^(\d{4})_[a-z0-9_]+\.sql$/;
/** Arbitrary, constant: two starts at once migrate one after the other. */
const LOCK = 4_711_001;

/**
 * Brings a database to the current schema: the numbered SQL files of infra/postgres/migrations, in order, forward only,
 * one transaction each, remembered in `ledger_migrations`.
 *
 * @param databaseUrl a login that may create roles and schemas
 * @returns the names of the files that were applied now
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  // Loaded here only: apps that never migrate are spared its 25 MB.
  const { DataSource } = await import('typeorm');
  const source = new DataSource({
    type: 'postgres',
    url: withCertificates(databaseUrl),
    applicationName: 'conflict-ledger migrate',
    migrations: sqlMigrations(),
    migrationsTableName: 'ledger_migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize: 2,
  });
  await source.initialize();
  try {
    const lock = source.createQueryRunner();
    await lock.query(`SELECT pg_advisory_lock(${LOCK})`);
    try {
      return (await source.runMigrations()).map(({ name }) => name);
    } finally {
      await lock.query(`SELECT pg_advisory_unlock(${LOCK})`);
      await lock.release();
    }
  } finally {
    await source.destroy();
  }
}

function sqlMigrations(): (new () => MigrationInterface)[] {
  const folder = path.join(repositoryRoot(), FOLDER);
  return readdirSync(folder)
    .filter((file) => FILE.test(file))
    .toSorted()
    .map((file) => sqlMigration(path.join(folder, file), file));
}

function sqlMigration(file: string, name: string): new () => MigrationInterface {
  return class implements MigrationInterface {
    // TypeORM orders migrations by the 13 digits that end their name.
    readonly name = `${name.slice(5, -4)}${name.slice(0, 4).padStart(13, '0')}`;

    async up(runner: QueryRunner): Promise<void> {
      await runner.query(readFileSync(file, 'utf8'));
    }

    down(): Promise<void> {
      return Promise.reject(new Error(`${name} has no way back: write the next migration instead`));
    }
  };
}
