import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate, repositoryRoot } from '#app/runtime';
import pg from 'pg';
import { dumpSchema } from '../../../infra/postgres/dump-schema.js';
import { between, type Fault, type Random } from '../fault.js';

const KILLS = 4;

export const migrationKilled: Fault = {
  name: 'migration-killed',
  promise: 'a migration that is killed half-way leaves whole steps only, and the next one brings the very same schema',
  short: 1,
  inject: async (world, random) => {
    const name = `migrated_${randomUUID().replaceAll('-', '')}`;
    await world.asAdmin((admin) => admin.query(`CREATE DATABASE ${name}`), 'postgres');
    const url = new URL(world.servers.postgres.address);
    url.pathname = `/${name}`;
    const left: number[] = [];
    try {
      for (let kills = 0; kills < KILLS; kills += 1) left.push(await killOne(url.href, random));
      await migrate(url.href);
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      const schema = await dumpSchema(client).finally(() => client.end());
      const wanted = readFileSync(path.join(repositoryRoot(), 'infra', 'postgres', 'schema.sql'), 'utf8');
      if (schema !== wanted) throw new Error('the schema is another one than infra/postgres/schema.sql');
    } finally {
      await world.asAdmin((admin) => admin.query(`DROP DATABASE ${name} WITH (FORCE)`), 'postgres');
    }
    return `kill -9 of ${KILLS} migrations of a new database, with ${left.join(', ')} files applied then`;
  },
};

/** @returns how many files were applied when it was killed */
async function killOne(url: string, random: Random): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const applied = (): Promise<number> =>
    client.query('SELECT FROM ledger_migrations').then(
      ({ rowCount }) => rowCount ?? 0,
      () => 0, // not even this table is there
    );
  const before = await applied();
  const child = spawn(process.execPath, [path.join(repositoryRoot(), 'dist', 'infra', 'migrate.js')], {
    env: { PATH: process.env['PATH'], DATABASE_URL: url },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const goal = before + between(random, 1, 2);
  while (child.exitCode === null && (await applied()) < goal) await sleep(1);
  await sleep(between(random, 0, 10));
  child.kill('SIGKILL');
  await ended;
  const left = await applied();
  await client.end();
  return left;
}
