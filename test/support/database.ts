import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { migrate, repositoryRoot } from '#app/runtime';
import pg from 'pg';

/** A database that only the test knows; `drop` ends its connections. */
export interface TestDatabase {
  url: string;
  drop: () => Promise<void>;
}

/** Arbitrary, constant: of several jest workers one makes the template. */
const LOCK = 4_711_002;

/**
 * A database of its own for one spec, at the current schema. TEST_PG_ADMIN_URL names a server and a superuser on it
 * (`npm test` sets it); a test with a server of its own names that. Cloned from a template that is migrated once per version of the migrations.
 */
export async function freshDatabase(adminUrl = process.env['TEST_PG_ADMIN_URL']): Promise<TestDatabase> {
  if (adminUrl === undefined) {
    throw new Error('TEST_PG_ADMIN_URL is not set: run through `npm test`, or name a PostgreSQL server of your own');
  }
  const template = await asAdmin(adminUrl, (admin) => migratedTemplate(admin, adminUrl));
  return cloneOf(adminUrl, template);
}

/** One that nobody has migrated. */
export function emptyDatabase(adminUrl = process.env['TEST_PG_ADMIN_URL'] ?? ''): Promise<TestDatabase> {
  return cloneOf(adminUrl, 'template0');
}

/** A backup of a database as it is now, restored beside it. Connections to the one that is copied are ended. */
export async function copyDatabase(
  url: string,
  adminUrl = process.env['TEST_PG_ADMIN_URL'] ?? url,
): Promise<TestDatabase> {
  const source = new URL(url).pathname.slice(1);
  await asAdmin(adminUrl, async (admin) => {
    await admin.query(`ALTER DATABASE ${source} ALLOW_CONNECTIONS false`);
    await admin.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [source]);
  });
  try {
    return await cloneOf(adminUrl, source);
  } finally {
    await asAdmin(adminUrl, (admin) => admin.query(`ALTER DATABASE ${source} ALLOW_CONNECTIONS true`));
  }
}

async function cloneOf(adminUrl: string, template: string): Promise<TestDatabase> {
  const name = `ledger_test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(adminUrl, (admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  return {
    url: urlOf(adminUrl, name),
    drop: async () => {
      await asAdmin(adminUrl, (admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

async function migratedTemplate(admin: pg.Client, adminUrl: string): Promise<string> {
  const template = `ledger_template_${migrationsDigest()}`;
  await admin.query('SELECT pg_advisory_lock($1)', [LOCK]);
  try {
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [template]);
    if (rowCount === 1) return template;
    // Renamed when it is ready, so that a killed run leaves nothing half-made under the final name.
    const unfinished = `${template}_${randomUUID().slice(0, 8)}`;
    await admin.query(`CREATE DATABASE ${unfinished}`);
    await migrate(urlOf(adminUrl, unfinished));
    await admin.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`);
    return template;
  } finally {
    await admin.query('SELECT pg_advisory_unlock($1)', [LOCK]);
  }
}

function migrationsDigest(): string {
  const folder = path.join(repositoryRoot(), 'infra', 'postgres', 'migrations');
  const digest = createHash('sha256');
  for (const file of readdirSync(folder).toSorted()) digest.update(file).update(readFileSync(path.join(folder, file)));
  return digest.digest('hex').slice(0, 16);
}

async function asAdmin<T>(adminUrl: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}
