import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { action, type Context } from '../command-context.js';
import type { Environment } from '../environment.js';
import { EXIT } from '../exit-codes.js';
import { table } from '../terminal/output.js';
import { type AppHealth, appHealth } from './app-health.js';
import { type DatabaseStatus, databaseStatus } from './database-status.js';
import { type KafkaStatus, kafkaStatus } from './kafka-status.js';
import { hasBacklog, type Problem, problemsOf, type Seen } from './problems.js';

/** Between two looks: what works moves in that time. */
const SECOND_LOOK_MS = 3000;

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
  let { database, kafka } = await look(environment);
  const first: Seen = { database: database.status, kafka: kafka.status };
  const isBusy = hasBacklog(first);
  if (isBusy) {
    await pause(SECOND_LOOK_MS);
    ({ database, kafka } = await look(environment));
  }
  const apps = await appHealth(environment);
  const problems = problemsOf(isBusy ? first : null, { database: database.status, kafka: kafka.status }, apps);
  output.result({ database, kafka, apps, problems }, [
    ...databaseLines(database),
    ...kafkaLines(kafka),
    '',
    ...appLines(apps),
    ...problemLines(problems),
  ]);
  const down = !database.reachable || !kafka.reachable || apps.some(({ state }) => state === 'unreachable');
  if (down) return EXIT.unreachable;
  return apps.every(({ state }) => state === 'ready') && problems.length === 0 ? EXIT.ok : EXIT.failed;
}

async function look(environment: Environment): Promise<{ database: Part<DatabaseStatus>; kafka: Part<KafkaStatus> }> {
  const database = await part(() => databaseStatus(environment));
  return { database, kafka: await part(() => kafkaStatus(environment, database.status?.cursors ?? null)) };
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

function problemLines(problems: readonly Problem[]): string[] {
  return problems.length === 0
    ? []
    : ['', ...problems.map(({ part: of, code, detail }) => `PROBLEM  ${of}: ${code}: ${detail}`)];
}
