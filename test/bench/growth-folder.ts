import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createPool } from '#app/runtime';

export type GrownName = 'small' | 'large';

/** A log that is whole. */
export interface GrownLog {
  /** How many events were asked for. */
  events: number;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** That it took. */
  seconds: number;
}

/** What is in a kept folder; written when a log or a database is whole. */
export interface Grown {
  logs: Partial<Record<GrownName, GrownLog>>;
  /** How many events were asked for, of each that is there. */
  events: Partial<Record<GrownName, number>>;
  /** Seconds that it took. */
  seconds: Partial<Record<GrownName, number>>;
  /** Reports that were published and recorded in both since. */
  published: number;
}

const ROOM_LEAST_GB = 8;

/** A folder that keeps two grown databases, with the master key of both. */
export class GrowthFolder {
  readonly postgres: string;
  readonly keyFile: string;
  readonly #state: string;

  constructor(readonly folder: string) {
    this.postgres = path.join(folder, 'postgres');
    this.keyFile = path.join(folder, 'master.key');
    this.#state = path.join(folder, 'grown.json');
    mkdirSync(folder, { recursive: true });
    if (!existsSync(this.keyFile)) {
      writeFileSync(this.keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    }
  }

  read(): Grown {
    const nothing: Grown = { logs: {}, events: {}, seconds: {}, published: 0 };
    if (!existsSync(this.#state)) return nothing;
    return { ...nothing, ...(JSON.parse(readFileSync(this.#state, 'utf8')) as Partial<Grown>) };
  }

  /** @throws when the disk is nearly full: it is not ours alone */
  checkRoom(): void {
    const { bavail, bsize } = statfsSync(this.folder);
    const free = Math.floor((bavail * bsize) / 1e9);
    if (free < ROOM_LEAST_GB) throw new Error(`only ${free} GB are left where ${this.folder} is: the fill ends`);
  }

  write(state: Grown): void {
    writeFileSync(`${this.#state}.new`, `${JSON.stringify(state, null, 2)}\n`);
    renameSync(`${this.#state}.new`, this.#state);
  }
}

export function urlOfGrown(server: string, name: GrownName): string {
  const url = new URL(server);
  url.pathname = `/growth_${name}`;
  return url.href;
}

/** Tables and indexes, the largest first, in MiB; partitions together. */
export async function sizesOf(server: string, name: GrownName): Promise<Record<string, number>> {
  const pool = createPool(urlOfGrown(server, name), { max: 1 });
  const { rows } = await pool.query<{ table: string; MiB: number }>(
    `SELECT n.nspname || '.' || regexp_replace(c.relname, '_from_\\d+|(?<=event_stream)_\\d', '') AS table,
            round(sum(pg_relation_size(c.oid)) / 1048576.0)::float8 AS "MiB"
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN ('ledger', 'vault', 'read_model') AND c.relkind IN ('r', 'i')
      GROUP BY 1 HAVING sum(pg_relation_size(c.oid)) >= 1048576 ORDER BY 2 DESC`,
  );
  await pool.end();
  return Object.fromEntries(rows.map(({ table, MiB }) => [table, MiB]));
}
