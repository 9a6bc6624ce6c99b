import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import pg from 'pg';
import { type RunningPostgres, startPostgres } from '../../infra/local/embedded-postgres.js';
import { postgresAccount } from '../../infra/local/postgres-binaries.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { PublishedLog } from '../support/published-log.js';
import { runFolder } from '../support/run-folder.js';

// Servers are made, killed and recovered.
jest.setTimeout(120_000);

const operators = readFileSync(path.join(repositoryRoot(), 'docs', 'operators.md'), 'utf8');

describe('a base backup with its archived WAL', () => {
  let folder: string;
  let server: RunningPostgres;
  let published: PublishedLog;
  const inFolder = (name: string): string => path.join(folder, name);
  /** Commands as the account of PostgreSQL. */
  function shell(script: string, env: Record<string, string> = {}): string {
    const { uid, gid } = postgresAccount();
    const as = uid === undefined || gid === undefined ? {} : { uid, gid };
    const run = spawnSync('/bin/sh', ['-ec', script], {
      ...as,
      cwd: '/',
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    if (run.status !== 0) throw new Error(run.stderr);
    return run.stdout;
  }
  /** A line of docs/operators.md: what is documented is what is tried. */
  function documented(line: string): string {
    expect(operators).toContain(line);
    return line.replaceAll('/archive', inFolder('archive'));
  }

  beforeAll(async () => {
    folder = mkdtempSync(path.join(runFolder(), 'wal-'));
    chmodSync(folder, 0o777);
    mkdirSync(inFolder('archive'));
    chmodSync(inFolder('archive'), 0o777);
    const archive = documented('test ! -f /archive/%f && cp %p /archive/.%f && mv /archive/.%f /archive/%f');
    server = await start('first', { archive_mode: 'on', archive_command: archive });
    const database = await freshDatabase(server.url);
    published = await PublishedLog.start({ database, folder: mkdtempSync(path.join(runFolder(), 'published-')) });
  });
  afterAll(async () => {
    await published?.log.pool.end().catch(() => undefined);
    await published?.log.owner.end().catch(() => undefined);
    await server?.stop();
  });

  function start(name: string, settings: Record<string, string>): Promise<RunningPostgres> {
    return startPostgres({
      ...{ folder: inFolder(name), logFile: inFolder(`${name}.log`), settings },
      shelter: path.join(runFolder(), 'postgres-binaries'),
    });
  }

  /** On one connection: a backup ends with the connection that began it. */
  async function baseBackup(): Promise<void> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query("SELECT pg_backup_start('ledger', fast => true)");
    shell(
      `mkdir -m 700 ${inFolder('base')} && tar -C ${inFolder('first/data')} --exclude=./pg_wal --exclude=./postmaster.pid -cf - . | tar -C ${inFolder('base')} -xf - && mkdir -m 700 -p ${inFolder('base/pg_wal')}`,
    );
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(true)');
    const label = inFolder('label');
    writeFileSync(label, rows[0]?.labelfile ?? '', { mode: 0o644 });
    shell(`cp ${label} ${inFolder('base/backup_label')}`);
    await client.end();
  }

  /** The backup as a server of its own, read up to `target` or to the end of the archive. */
  async function recover(name: string, target: Record<string, string>): Promise<RunningPostgres> {
    shell(
      `mkdir -m 700 ${inFolder(name)} && cp -a ${inFolder('base')} ${inFolder(`${name}/data`)} && touch ${inFolder(`${name}/data/recovery.signal`)}`,
    );
    shell(`cp ${inFolder('first/password')} ${inFolder(`${name}/password`)}`);
    const recovered = await start(name, {
      restore_command: documented('cp /archive/%f %p'),
      recovery_target_action: 'promote',
      ...target,
    });
    await eventually(
      'it takes writes',
      async () => (await one(recovered.url, 'SELECT NOT pg_is_in_recovery() AS x'))['x'],
    );
    return recovered;
  }

  async function one(url: string, sql: string): Promise<Record<string, unknown>> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows[0] ?? {};
    } finally {
      await client.end();
    }
  }

  const inDatabase = (of: RunningPostgres): string =>
    of.url.replace(/\/postgres$/, new URL(published.log.url).pathname);

  it('ends with what was published last, so that the notary goes on', async () => {
    await published.record(40);
    await published.publish();
    await baseBackup();
    const { moment } = await one(published.log.url, 'SELECT clock_timestamp()::text AS moment');
    await published.record(40);
    const size = await published.publish();
    await one(published.log.url, 'SELECT pg_switch_wal()');
    await eventually('it is archived', async () => {
      const { last } = await one(published.log.url, 'SELECT last_archived_wal AS last FROM pg_stat_archiver');
      const { now } = await one(published.log.url, 'SELECT pg_walfile_name(pg_current_wal_lsn()) AS now');
      return typeof last === 'string' && String(now) > last && statSync(inFolder(`archive/${last}`)).size > 0;
    });
    await Promise.all([published.log.pool.end(), published.log.owner.end()]);
    await server.stop();

    // A moment before the last events: what was published then is more than the database has, and is not signed over.
    const past = await recover('past', { recovery_target_time: String(moment) });
    const old = await PublishedLog.start({ database: databaseAt(inDatabase(past)), folder: published.folder });
    await expect(old.publish()).rejects.toMatchObject({ code: 'LOG_BEHIND_CHECKPOINT' });
    await old.close();
    await past.stop();

    const whole = await recover('whole', {});
    const restored = await PublishedLog.start({ database: databaseAt(inDatabase(whole)), folder: published.folder });
    expect(await restored.verify('--database')).toMatchObject({ code: 0, found: [] });
    restored.goAnotherWay();
    await restored.record(10);
    expect(await restored.publish()).toBe(size + 10);
    await restored.close();
    await whole.stop();
  });
});

function databaseAt(url: string): TestDatabase {
  return { url, drop: () => Promise.resolve() };
}
