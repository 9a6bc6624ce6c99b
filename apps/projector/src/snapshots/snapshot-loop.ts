import { setTimeout as pause } from 'node:timers/promises';
import { TOPICS } from '#app/contract';
import { backOffMs, createProducer, type Kafka } from '#app/kafka';
import { readEvents, type SealedSnapshot, SealedSnapshots } from '#app/log';
import { digestSnapshot, type SnapshotDigested } from '#app/read-models';
import { errorForLog } from '#app/runtime';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { ProjectorCrashAt } from '../crash-points.js';
import { type DigestDecision, digestDecision } from './digest-decision.js';
import type { SnapshotMetrics } from './snapshot-metrics.js';

const POLL_MS = 1000;
const PAGE = 500;
/** How long ingest may take to record a decision before it is sent again, which adds nothing but a counted duplicate. */
const RESEND_FIRST_MS = 30_000;
const RESEND_LONGEST_MS = 600_000;

/** A snapshot that is being worked on; lost with the process, which then begins it again. */
interface Attempt {
  decision: DigestDecision;
  sent: number;
  notBefore: number;
  /** Code with which ingest refused it: a steward requeues the rejection, when its cause is gone. */
  refused: string | null;
}

export interface SnapshotHealth {
  /** Names of the snapshots whose digests the log does not hold yet. */
  waiting: string[];
  /** Why the first of them waits; null when nothing is known to be wrong. */
  reason: string | null;
}

/**
 * Records in the log what the figures were at every sealed snapshot, beside the projection and never in its way.
 *
 * What is to do stands in the log alone: SnapshotSealed events without digests, also of the time before there were any.
 * The digests go through Kafka as a decision like everything that changes the history. Whatever goes wrong is tried again;
 * the projector is as ready as before.
 */
export class SnapshotLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly snapshots = new SealedSnapshots();
  private readonly attempts = new Map<string, Attempt>();
  private running: Promise<void> = Promise.resolve();
  private readTo = -1;
  private failures = 0;
  private reason: string | null = null;

  /** @param pool of its own, role ledger_projector; two connections */
  constructor(
    private readonly pool: Pool,
    private readonly kafka: Kafka,
    private readonly parts: { metrics: SnapshotMetrics; logger: Logger; crashAt: ProjectorCrashAt },
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  health(): SnapshotHealth {
    return { waiting: this.waiting().map(({ name }) => name), reason: this.reason };
  }

  /** The same for the health, with a code where something is wrong. */
  told(): Record<string, unknown> {
    const { waiting, reason } = this.health();
    return { waiting, reason, ...(reason === null ? {} : { code: 'SNAPSHOT_NOT_DIGESTED' }) };
  }

  private waiting(): SealedSnapshot[] {
    return this.snapshots.list().filter(({ digests }) => digests === null);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const pauseMs = await this.turn();
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One look; how long to wait before the next. */
  private async turn(): Promise<number> {
    try {
      await this.readLog();
      this.reason = await this.workOff();
      this.failures = 0;
      return POLL_MS;
    } catch (error) {
      return this.failed(error);
    }
  }

  private async readLog(): Promise<void> {
    for (;;) {
      const page = await readEvents(this.pool, { after: this.readTo, limit: PAGE, type: 'SnapshotSealed' });
      for (const { leaf, position } of page) {
        this.snapshots.add(leaf);
        this.readTo = position;
      }
      if (page.length < PAGE) break;
    }
    for (const name of this.attempts.keys()) if (this.snapshots.get(name)?.digests) this.attempts.delete(name);
  }

  /** Every snapshot that can be done now, the first sealed first. @returns why one waits */
  private async workOff(): Promise<string | null> {
    let reason: string | null = null;
    for (const snapshot of this.waiting()) {
      if (this.stopping.signal.aborted) break;
      const outcome = await this.attempt(snapshot);
      reason ??= outcome.reason;
      // What holds one up holds up those behind it.
      if (outcome.isLast) break;
    }
    const refused = [...this.attempts.values()].filter((attempt) => attempt.refused !== null).length;
    this.parts.metrics.waiting(this.waiting().length, refused);
    return reason;
  }

  private async attempt(snapshot: SealedSnapshot): Promise<{ reason: string | null; isLast: boolean }> {
    const begun = this.attempts.get(snapshot.name) ?? (await this.digest(snapshot));
    if ('kind' in begun) return { reason: reasonOf(begun), isLast: true };
    if (Date.now() >= begun.notBefore) await this.send(snapshot, begun);
    return { reason: begun.refused === null ? null : `${snapshot.name} was refused: ${begun.refused}`, isLast: false };
  }

  private async digest(snapshot: SealedSnapshot): Promise<Attempt | Exclude<SnapshotDigested, { kind: 'DIGESTED' }>> {
    const startedAt = performance.now();
    const { signal } = this.stopping;
    const digested = await digestSnapshot(this.pool, { upTo: snapshot.position, signal });
    if (digested.kind !== 'DIGESTED') return digested;
    const { name, position } = snapshot;
    const ms = Math.round(performance.now() - startedAt);
    this.parts.logger.info({ snapshot: name, position, projection: digested.projection, ms }, 'snapshot digested');
    this.parts.crashAt('after-digests');
    const attempt = { decision: digestDecision(snapshot, digested), sent: 0, notBefore: 0, refused: null };
    this.attempts.set(name, attempt);
    return attempt;
  }

  private async send({ name, position }: SealedSnapshot, attempt: Attempt): Promise<void> {
    attempt.refused = await this.refusal(attempt.decision);
    if (attempt.refused === null) {
      const producer = await createProducer(this.kafka);
      try {
        await producer.send(TOPICS.DECISIONS, [attempt.decision.message]);
        this.parts.crashAt('after-sending-digests');
      } finally {
        await producer.close().catch(() => undefined);
      }
      this.parts.metrics.sent();
      this.parts.logger.info({ snapshot: name, position, ceId: attempt.decision.id }, 'digests of a snapshot sent');
    } else {
      this.parts.logger.warn(
        { snapshot: name, position, ceId: attempt.decision.id, code: attempt.refused },
        'the digests of a snapshot were refused: requeue the rejection when its cause is gone',
      );
    }
    attempt.notBefore = Date.now() + Math.min(RESEND_LONGEST_MS, RESEND_FIRST_MS * 2 ** attempt.sent);
    attempt.sent += 1;
  }

  /** A message that was refused would be refused again, each time with an event of its own. */
  private async refusal({ identity }: DigestDecision): Promise<string | null> {
    const { rows } = await this.pool.query<{ code: string }>(
      'SELECT code FROM ledger.rejection WHERE identity = $1 ORDER BY received_at DESC LIMIT 1',
      [identity],
    );
    return rows[0]?.code ?? null;
  }

  private failed(error: unknown): number {
    if (this.stopping.signal.aborted) return 0;
    const pauseMs = backOffMs(this.failures++);
    const { type } = errorForLog(error);
    this.reason = `tried again after ${type}`;
    this.parts.metrics.retried();
    this.parts.metrics.waiting(this.waiting().length, 0);
    this.parts.logger.warn({ err: errorForLog(error), retryInMs: pauseMs }, 'the digests of snapshots are tried again');
    return pauseMs;
  }
}

function reasonOf(outcome: Exclude<SnapshotDigested, { kind: 'DIGESTED' }>): string {
  if (outcome.kind === 'HELD') return outcome.reason;
  return outcome.kind === 'BUSY' ? 'another projector digests' : `the figures are at position ${outcome.position}`;
}
