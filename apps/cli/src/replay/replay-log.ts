import { isSame, replay, ReplayRunningError, UnfoldableEventError } from '#app/read-models';
import type { Context } from '../command-context.js';
import { needDatabase } from '../environment.js';
import { CommandError, EXIT, usageError } from '../exit-codes.js';
import type { Output } from '../terminal/output.js';
import { openTrustedLog } from '../verify/checked-leaves.js';
import { readTrust, type TrustOptions } from '../verify/trust.js';
import { type LogContents, PublishedLeaves, readContents } from './published-leaves.js';
import { reportOf, tell } from './replay-report.js';
import { hasFiguresOf, openScratchDatabase } from './scratch-database.js';

export interface ReplayLogOptions extends TrustOptions {
  upTo: string;
  log: string;
  scratch?: string;
}

type TrustedLog = Awaited<ReturnType<typeof openTrustedLog>>;

/**
 * Folds the checked leaves of a published log in a database of whoever checks, and compares the figures with the digests
 * that the log holds, and with live ones where that database has them.
 */
export async function replayLog({ environment, output }: Context, options: ReplayLogOptions): Promise<number> {
  const trusted = await openTrustedLog({ at: options.log, policy: await readTrust(options, output) });
  const contents = await contentsOf(trusted, output);
  const upTo = positionIn(options.upTo, contents, trusted.head.size);
  const pool = await openScratchDatabase(options.scratch ?? needDatabase(environment), output);
  const progress = output.progress('replaying', upTo + 1, 'events');
  try {
    const isLiveHere = await hasFiguresOf(pool, contents.log, upTo);
    const snapshots = contents.snapshots.list();
    const outcome = await replay({
      pool,
      upTo,
      log: { leaves: new PublishedLeaves(trusted), snapshots, isLiveHere },
      onProgress: ({ done, total }) => progress.update(done, total),
    });
    progress.stop();
    const { origin, size, root } = trusted.head;
    const report = reportOf(outcome, isSame(outcome));
    const code = tell(report, output, { ...report, log: { origin, size, root: root.toString('base64') } });
    return code === EXIT.ok ? compared(options.upTo, { isLiveHere, snapshot: report.snapshot }, output) : code;
  } catch (error) {
    if (error instanceof ReplayRunningError || error instanceof UnfoldableEventError) {
      throw new CommandError(error.message, EXIT.failed);
    }
    throw error;
  } finally {
    progress.stop();
    await pool.end();
  }
}

async function contentsOf(trusted: TrustedLog, output: Output): Promise<LogContents> {
  const progress = output.progress('checking', trusted.head.size, 'leaves');
  try {
    return await readContents(trusted, (leaves) => progress.update(leaves));
  } finally {
    progress.stop();
  }
}

/** @throws CommandError with exit code 2 */
function positionIn(text: string, { snapshots }: LogContents, size: number): number {
  const position = /^\d{1,15}$/.test(text) ? Number(text) : snapshots.get(text)?.position;
  if (position === undefined) {
    throw usageError(`--up-to must be a position, or the name of a snapshot in the log: there is no ${text}.`);
  }
  if (position >= size) throw usageError(`--up-to lies beyond the log: its checkpoint covers ${size} leaves.`);
  return position;
}

/** A snapshot that was asked for by name, and whose digests were not compared with anything, was not checked. */
function compared(
  asked: string,
  { isLiveHere, snapshot }: { isLiveHere: boolean; snapshot: { incomparable: string | null } | null },
  output: Output,
): number {
  if (isLiveHere || snapshot?.incomparable === null) return EXIT.ok;
  output.note('nothing to compare with: the log holds no digests of these figures that this version makes');
  return /^\d/.test(asked) ? EXIT.ok : EXIT.failed;
}
