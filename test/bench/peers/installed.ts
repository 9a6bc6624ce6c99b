import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import pg from 'pg';
import type { Setting, Stored } from './peer.js';

/** Of an installed package. */
export function versionOf(name: string): string {
  const file = path.join(packageFolder(name), 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

export function packageFolder(name: string): string {
  return path.join(repositoryRoot(), 'node_modules', name);
}

/** Every number of appends at once with every size of a batch. */
export function settingsOf(concurrencies: readonly number[], batches: readonly number[]): Setting[] {
  return batches.flatMap((batch) => concurrencies.map((concurrency) => ({ concurrency, batch })));
}

/** Counts rows behind the back of a store. @param idOf SQL of the report's id */
export async function countRows(url: string, { table, idOf }: { table: string; idOf: string }): Promise<Stored> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Stored>(
      `SELECT count(*)::integer AS events, count(DISTINCT ${idOf})::integer AS ids FROM ${table}`,
    );
    return rows[0] as Stored;
  } finally {
    await client.end();
  }
}
