import type { Pool } from 'pg';
import { TOPICS } from '#app/contract';
import type { Context } from '../command-context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { awaitFigures } from '../publishing/await-figures.js';
import { auditPool, LogFollower, type Taken } from '../publishing/await-log.js';
import type { Message } from '../publishing/cloud-event.js';
import { type Broker, broker, endOffsets } from '../publishing/connect.js';
import { PatientProducer } from '../publishing/patient-producer.js';
import { sendAll } from '../publishing/send-all.js';
import { countryOf } from './country-of.js';
import type { ImportResult } from './import-result.js';
import { type Mapped, mapRows } from './map-rows.js';
import type { Scan } from './scan.js';
import { UCDP_SOURCE } from './to-report.js';
import { withdrawals } from './withdraw-missing.js';

/** What is to be published, and where the outcome is written down. */
export interface Job {
  file: string;
  scanned: Scan;
  found: Mapped;
  result: Pick<ImportResult, 'published' | 'taken' | 'withdrawn'>;
  /** Until the log and the figures have everything. */
  wait: boolean;
  withdrawMissing: boolean;
}

/** Publishes the file's reports through Kafka like any publisher, waits for the log, and withdraws what is missing. */
export async function publishFile(context: Context, job: Job): Promise<void> {
  const target = broker(context.environment);
  if (!job.wait) {
    await send(context, target, job);
    return;
  }
  const pool = auditPool(context.environment);
  try {
    const current = await sendAndWait(context, { target, pool }, job);
    if (job.withdrawMissing) await withdrawMissing(context, { target, pool }, { job, current });
  } finally {
    await pool.end();
  }
}

/** Messages other than the file's own, and how many they are. */
interface Extra {
  messages: readonly Message[];
}

async function send({ output }: Context, target: Broker, job: Job, extra?: Extra): Promise<number> {
  const producer = await PatientProducer.open(target, (line) => output.note(line));
  const messages = extra?.messages ?? mapRows(job.file, job.scanned.release, countryOf, job.found);
  const progress = output.progress('publishing', extra?.messages.length ?? job.scanned.rows, 'messages');
  try {
    const sent = await sendAll(producer, TOPICS.REPORTS, messages, (count) => progress.update(count));
    job.result.published = (job.result.published ?? 0) + sent;
    return sent;
  } finally {
    progress.stop();
    await producer.close();
  }
}

/** @returns whether the figures hold all of it */
async function sendAndWait(
  context: Context,
  { target, pool }: { target: Broker; pool: Pool },
  job: Job,
  extra?: Extra,
): Promise<boolean> {
  const from = await endOffsets(target, TOPICS.REPORTS);
  const acknowledged = await send(context, target, job, extra);
  const follower = new LogFollower({ broker: target, pool, environment: context.environment }, context.output);
  const taken = await follower.follow({ topic: TOPICS.REPORTS, source: UCDP_SOURCE, from, acknowledged });
  job.result.taken = added(job.result.taken, taken);
  return awaitFigures(pool, context.output);
}

async function withdrawMissing(
  context: Context,
  system: { target: Broker; pool: Pool },
  { job, current }: { job: Job; current: boolean },
): Promise<void> {
  if (!current) throw refusal('the figures are behind the log, so what is recorded is not known');
  // A row without a readable id may be the one that seems to be missing.
  const nameless = job.found.problems.find(({ id }) => id === null);
  if (nameless !== undefined)
    throw refusal(`line ${nameless.line} has no readable id, so what is missing is not known`);
  const messages = await withdrawals(system.pool, job.scanned, job.found);
  if (messages.length > 0) await sendAndWait(context, system, job, { messages });
  job.result.withdrawn = messages.length;
}

function refusal(reason: string): CommandError {
  return new CommandError(`The file is published, but nothing is withdrawn: ${reason}.`, EXIT.failed);
}

function added(a: Taken | null, b: Taken): Taken {
  return {
    recorded: (a?.recorded ?? 0) + b.recorded,
    rejected: (a?.rejected ?? 0) + b.rejected,
    duplicate: (a?.duplicate ?? 0) + b.duplicate,
  };
}
