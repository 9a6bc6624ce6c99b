import { Readable } from 'node:stream';
import { DEFAULT_LOG_ID, findHead, streamEvents } from '#app/log';
import type { Pool } from 'pg';
import type { Context } from '../command-context.js';
import { CommandError, EXIT, usageError } from '../exit-codes.js';
import { auditPool } from '../publishing/await-log.js';
import { tell } from './tell-export.js';
import { writeWhole } from './whole-file.js';

export interface LogOptions {
  from?: string;
  to?: string;
  out?: string;
}

/** The verbatim leaves of a range, one a line: as they were signed. What is recorded meanwhile is not in it. */
export async function exportLog(context: Context, options: LogOptions): Promise<number> {
  const pool = auditPool(context.environment);
  try {
    const head = await findHead(pool, DEFAULT_LOG_ID);
    if (head === null || head.position < 0) throw new CommandError('There is no log in the database.', EXIT.failed);
    const from = position('--from', options.from) ?? 0;
    const to = position('--to', options.to) ?? head.position;
    if (from > to || to > head.position) {
      throw usageError(`--from and --to must be positions of the log, which ends with ${head.position}.`);
    }
    const progress = context.output.progress('exporting', to - from + 1, 'leaves');
    const leaves = leavesOf(pool, { from, to }, (done) => progress.update(done));
    const written = await writeWhole(Readable.from(leaves), options.out).finally(() => progress.stop());
    const checkpoint = await publishedCheckpoint(pool);
    const asOf = { position: head.position, recordedAt: head.recordedAt.toISOString() };
    const range = { log: head.log, from, to, rows: to - from + 1 };
    return await tell(
      { export: 'log', format: 'ndjson', ...range, ...written, asOf, checkpoint },
      options,
      context.output,
    );
  } finally {
    await pool.end();
  }
}

async function* leavesOf(
  pool: Pool,
  { from, to }: { from: number; to: number },
  onLeaves: (done: number) => void,
): AsyncGenerator<string, void, undefined> {
  let next = from;
  for await (const page of streamEvents(pool, { after: from - 1, upTo: to })) {
    for (const { position: at } of page) {
      if (at !== next)
        throw new CommandError(`Position ${next} is missing in the log: ledger verify --database.`, EXIT.failed);
      next += 1;
    }
    yield page.map(({ leaf }) => `${leaf}\n`).join('');
    onLeaves(next - from);
  }
  if (next !== to + 1)
    throw new CommandError(`Position ${next} is missing in the log: ledger verify --database.`, EXIT.failed);
}

/** The signed note under which the log is published; null before the first. */
async function publishedCheckpoint(pool: Pool): Promise<string | null> {
  const { rows } = await pool.query<{ note: string }>(
    `SELECT note FROM notary.checkpoint WHERE log_id = $1 AND published_at IS NOT NULL ORDER BY size DESC LIMIT 1`,
    [DEFAULT_LOG_ID],
  );
  return rows[0]?.note ?? null;
}

function position(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text)) throw usageError(`${name} must be a position.`);
  return Number(text);
}
