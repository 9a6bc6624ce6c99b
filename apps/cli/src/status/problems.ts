import type { AppHealth } from './app-health.js';
import type { DatabaseStatus } from './database-status.js';
import type { KafkaStatus } from './kafka-status.js';

/** Something that somebody should look at. */
export interface Problem {
  /** The app, `database` or `kafka`. */
  part: string;
  /** Stable; docs/operators.md says what to do. */
  code: string;
  detail: string;
}

/** What was seen at one moment; null where it could not be asked. */
export interface Seen {
  database: DatabaseStatus | null;
  kafka: KafkaStatus | null;
}

/** Seconds after which the checkpoint should cover an event: the notary signs about every second. */
const CHECKPOINT_LATE_S = 15;

/** Whether a second look can tell a backlog that is worked off from one that stands still. */
export function hasBacklog({ database, kafka }: Seen): boolean {
  return (database?.projectionLag ?? 0) > 0 || (kafka?.partitions.some(({ lag }) => (lag ?? 0) > 0) ?? false);
}

/**
 * What stands still, is late, or is told by an app that is ready all the same.
 *
 * @param before some seconds before `now`; null: there was no backlog
 */
export function problemsOf(before: Seen | null, now: Seen, apps: readonly AppHealth[]): Problem[] {
  return [
    ...stuckPartitions(before, now),
    ...stuckFigures(before, now),
    ...lateCheckpoint(now),
    ...lateRelay(now, apps),
    ...apps.flatMap(toldBy),
  ];
}

function stuckPartitions(before: Seen | null, { kafka }: Seen): Problem[] {
  return (kafka?.partitions ?? []).flatMap(({ topic, partition, next, lag, end }) => {
    if (next !== null && next > end) {
      const detail = `${topic}/${partition} ends at ${end}, and was read up to ${next}: it was made again; ingest records what is lost when it reads it`;
      return [{ part: 'kafka', code: 'CURSOR_BEYOND_END', detail }];
    }
    const earlier = before?.kafka?.partitions.find((one) => one.topic === topic && one.partition === partition);
    if (lag === null || lag === 0 || earlier?.next !== next || earlier.lag === 0) return [];
    const detail = `${topic}/${partition}: ${lag} messages wait, and none was recorded meanwhile`;
    return [{ part: 'ingest', code: 'CURSOR_STUCK', detail }];
  });
}

function stuckFigures(before: Seen | null, { database }: Seen): Problem[] {
  if (database === null || database.projectionLag === 0 || before?.database?.projected !== database.projected)
    return [];
  if (before.database.projectionLag === 0) return [];
  const detail = `${database.projectionLag} events are not in the figures, and none came in meanwhile`;
  return [{ part: 'projector', code: 'FIGURES_STUCK', detail }];
}

function lateCheckpoint({ database }: Seen): Problem[] {
  const late = database?.unpublishedSeconds ?? null;
  if (late === null || late < CHECKPOINT_LATE_S) return [];
  return [
    {
      part: 'notary',
      code: 'CHECKPOINT_LATE',
      detail: `an event is not under a published checkpoint for ${Math.round(late)} s`,
    },
  ];
}

/** More than it sends in a few seconds. */
const RELAY_BEHIND = 10_000;

function lateRelay({ database }: Seen, apps: readonly AppHealth[]): Problem[] {
  const position = apps.find(({ app }) => app === 'relay')?.checks['relay']?.['position'];
  const behind = database === null || typeof position !== 'number' ? 0 : database.head - position;
  return behind < RELAY_BEHIND
    ? []
    : [{ part: 'relay', code: 'RELAY_BEHIND', detail: `${behind} events were not handed on` }];
}

function toldBy({ app, checks }: AppHealth): Problem[] {
  return Object.entries(checks).flatMap(([name, { status, code, reason, damage }]) => {
    // What is down stands with its app already.
    if (status === 'down' || typeof code !== 'string') return [];
    const told = [damage, reason].find((one) => typeof one === 'string') ?? '';
    return [{ part: app, code, detail: `${name}: ${told}` }];
  });
}
