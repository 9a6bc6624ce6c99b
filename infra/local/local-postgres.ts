import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type RunningPostgres, startPostgres } from './embedded-postgres.js';
import { checkoutFolder, localFolder } from './folders.js';
import { logFile, readPorts, rememberPorts } from './local-state.js';
import { canReach, postgresAccount } from './postgres-binaries.js';
import { isPortTaken } from './ports.js';
import { StartProblem } from './start-problem.js';

const DATABASE = 'conflict_ledger';

/** The folder of the cluster and of a copy of the binaries: `.local/postgres` when PostgreSQL's account can enter it. */
export function postgresHome(): string {
  const account = postgresAccount();
  const usual = localFolder('postgres');
  mkdirSync(usual, { recursive: true });
  if (canReach(account, usual)) return usual;
  const digest = createHash('sha256').update(checkoutFolder()).digest('hex').slice(0, 12);
  const shelter = `/var/tmp/conflict-ledger-${digest}`;
  mkdirSync(shelter, { recursive: true, mode: 0o755 });
  const { uid } = lstatSync(shelter);
  if (uid !== process.getuid?.() || !lstatSync(shelter).isDirectory()) {
    // Anybody may write to /var/tmp: a folder that somebody else put there is not to be trusted with data.
    throw new StartProblem(
      `${shelter} belongs to another account. Remove it, or move the checkout out of ${checkoutFolder()}.`,
    );
  }
  chmodSync(shelter, 0o755);
  return shelter;
}

/** Starts PostgreSQL for the local run, on the port it had before. */
export async function startLocalPostgres(home: string): Promise<RunningPostgres> {
  const { postgres: port } = readPorts();
  const server = await startPostgres({
    folder: `${home}/cluster`,
    logFile: logFile('postgres'),
    shelter: `${home}/binaries`,
    settings: { max_connections: '200' },
    port,
  });
  rememberPorts({ postgres: server.port });
  return server;
}

/** Its address is in the environment of the apps, so after a crash it has to come back on the same port. */
export async function restartLocalPostgres(home: string, port: number): Promise<RunningPostgres> {
  for (let tries = 0; (await isPortTaken(port)) && tries < 50; tries++) await sleep(200);
  return await startLocalPostgres(home);
}

/** Makes the database of the ledger if this is the first start. */
export async function ensureDatabase(adminUrl: string): Promise<string> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) await admin.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await admin.end();
  }
  const url = new URL(adminUrl);
  url.pathname = `/${DATABASE}`;
  return url.href;
}

/** Whether the log of this database has begun. Throws a sentence when the database cannot be reached. */
export async function hasLog(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ found: boolean }>(`SELECT to_regclass('ledger.head') IS NOT NULL AS found`);
    if (!rows[0]?.found) return false;
    return ((await client.query('SELECT 1 FROM ledger.head LIMIT 1')).rowCount ?? 0) > 0;
  } catch (error) {
    const { hostname, port } = new URL(databaseUrl);
    const reason = error instanceof Error ? error.message || error.name : String(error);
    throw new StartProblem(
      `PostgreSQL at ${hostname}:${port || 5432} (DATABASE_URL) does not let us in: ${reason}. ` +
        'Check that it runs and that the address is right, or unset DATABASE_URL to use an embedded one.',
      { cause: error },
    );
  } finally {
    await client.end().catch(() => {}); // it may never have been connected
  }
}
