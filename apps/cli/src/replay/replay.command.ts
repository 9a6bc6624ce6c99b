import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { action, type Context } from '../command-context.js';
import { CommandError, EXIT, usageError } from '../exit-codes.js';
import { callApi } from '../http-api.js';
import { addTrustOptions, type TrustOptions } from '../verify/trust.js';
import { positionOf } from './position-of.js';
import { replayLog } from './replay-log.js';
import { type ReplayReport, tell } from './replay-report.js';

/** As the audit API gives it. */
interface Replay extends Omit<ReplayReport, 'digests' | 'same'> {
  id: string;
  status: 'RUNNING' | 'DONE' | 'FAILED';
  progress: { done: number; total: number };
  /** Null until done. */
  digests: ReplayReport['digests'] | null;
  /** Null until done. */
  same: boolean | null;
  error: string | null;
}

interface ReplayOptions extends TrustOptions {
  upTo: string;
  scratch?: string;
}

const POLL_MS = 300;

export function registerReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('fold the log again up to a position in scratch tables and compare the figures')
    .requiredOption(
      '--up-to <position|time|snapshot>',
      'a position, a time (the last position recorded until then) or the name of a snapshot',
    )
    .option('--log <dir|url>', 'fold the checked leaves of a published log, in a database of your own')
    .option('--scratch <url>', 'with --log: the database to fold in, empty at first; default: DATABASE_URL');
  addTrustOptions(command).action(action(run));
}

function run(context: Context, options: ReplayOptions): Promise<number> {
  if (options.log !== undefined) return replayLog(context, { ...options, log: options.log });
  if ((options.key ?? options.policy ?? options.scratch ?? options.keyFromServer) !== undefined) {
    throw usageError('--key, --policy, --key-from-server and --scratch go with --log.');
  }
  return replayThere(context, options);
}

/** The audit API folds its own log, beside the live figures. */
async function replayThere({ environment, output }: Context, options: ReplayOptions): Promise<number> {
  const upTo = await positionOf(options.upTo, environment);
  const base = `${environment.auditUrl}/v1/replays`;
  let state = await callApi<Replay>('audit-api', base, { method: 'POST', body: { upTo } });
  const progress = output.progress('replaying', upTo + 1, 'events');
  try {
    while (state.status === 'RUNNING') {
      await pause(POLL_MS);
      state = await callApi<Replay>('audit-api', `${base}/${state.id}`);
      progress.update(state.progress.done, state.progress.total);
    }
  } finally {
    progress.stop();
  }
  const { digests, same } = state;
  if (digests === null || same === null) {
    throw new CommandError(`The replay failed: ${state.error ?? 'no reason given'}`, EXIT.failed);
  }
  return tell({ ...state, digests, same }, output, state);
}
