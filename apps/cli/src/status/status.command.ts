import type { Command } from 'commander';
import { action, type Context } from '../command-context.js';
import { EXIT } from '../exit-codes.js';
import { table } from '../terminal/output.js';
import { type AppHealth, appHealth } from './app-health.js';
import { type DatabaseStatus, databaseStatus } from './database-status.js';
import { type KafkaStatus, kafkaStatus } from './kafka-status.js';

/** Each part for itself: what could not be asked says why, and the others are told all the same. */
interface Part<T> {
  reachable: boolean;
  /** Why it could not be asked; null when it answered. */
  reason: string | null;
  status: T | null;
}

async function part<T>(ask: () => Promise<T>): Promise<Part<T>> {
  try {
    return { reachable: true, reason: null, status: await ask() };
  } catch (error) {
    return {
      reachable: false,
      reason: error instanceof Error ? error.message || error.name : String(error),
      status: null,
    };
  }
}

export function registerStatus(program: Command): void {
  program.command('status').description('head, lags, open rejections and health of every part').action(action(status));
}

async function status({ environment, output }: Context): Promise<number> {
  const database = await part(() => databaseStatus(environment));
  const [kafka, apps] = await Promise.all([
    part(() => kafkaStatus(environment, database.status?.cursors ?? null)),
    appHealth(environment),
  ]);
  output.result({ database, kafka, apps }, [...databaseLines(database), ...kafkaLines(kafka), '', ...appLines(apps)]);
  const down = !database.reachable || !kafka.reachable || apps.some(({ state }) => state === 'unreachable');
  if (down) return EXIT.unreachable;
  return apps.every(({ state }) => state === 'ready') ? EXIT.ok : EXIT.failed;
}

function databaseLines({ status: found, reason }: Part<DatabaseStatus>): string[] {
  if (found === null) return [`log         unknown: ${reason}`];
  const { head, recordedAt, projected, projectionLag, openRejections, checkpoint } = found;
  return [
    head < 0 ? 'log         empty' : `log         head at position ${head}, recorded ${recordedAt}`,
    `figures     at position ${projected}, ${projectionLag} events behind`,
    checkpoint === null
      ? 'checkpoint  none is published'
      : `checkpoint  up to position ${checkpoint.size - 1}, ${Math.max(0, head + 1 - checkpoint.size)} events behind, published ${checkpoint.publishedAt}`,
    `rejections  ${openRejections} open`,
  ];
}

function kafkaLines({ status: found, reason }: Part<KafkaStatus>): string[] {
  if (found === null) return [`kafka       unknown: ${reason}`];
  return [
    '',
    ...table(
      ['topic', 'partition', 'end', 'recorded up to', 'lag'],
      found.partitions.map(({ topic, partition, end, next, lag }) => [topic, partition, end, next, lag]),
    ),
  ];
}

function appLines(apps: readonly AppHealth[]): string[] {
  return table(
    ['app', 'state', 'address', ''],
    apps.map(({ app, state, url, reason }) => [app, state, url, reason ?? '']),
  );
}
