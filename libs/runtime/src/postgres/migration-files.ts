import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../repository-root.js';

const FOLDER = path.join(repositoryRoot(), 'infra', 'postgres', 'migrations');
const FILE = /^(\d{4}_[a-z0-9_]+)\.sql$/;

/** One numbered SQL file of infra/postgres/migrations. */
export interface MigrationFile {
  /** `0016_read_for_backups` */
  name: string;
  sql: string;
  /** Whether the version before it can go on working on a database that has it. */
  isBreaking: boolean;
  /** False for what PostgreSQL refuses in a transaction (CREATE INDEX CONCURRENTLY). */
  inTransaction: boolean;
}

/** All of them, in their order. @param folder default: that of this version */
export function migrationFiles(folder = FOLDER): MigrationFile[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) => {
      const name = FILE.exec(file)?.[1];
      return name === undefined ? [] : [parseMigration(name, readFileSync(path.join(folder, file), 'utf8'))];
    });
}

/** @throws Error when the first line does not say whether the migration is breaking */
export function parseMigration(name: string, sql: string): MigrationFile {
  const [first = '', second = ''] = sql.split('\n');
  const breaking = /^-- breaking: (yes|no), because \S/.exec(first)?.[1];
  if (breaking === undefined) throw new Error(`${name}: the first line must read "-- breaking: yes|no, because …"`);
  return { name, sql, isBreaking: breaking === 'yes', inTransaction: !second.startsWith('-- transaction: none') };
}
