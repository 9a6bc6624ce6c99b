import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { action, type Context } from '../command-context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { callApi } from '../http-api.js';
import { table } from '../terminal/output.js';
import { positionOf } from './position-of.js';

/** As the audit API gives it. */
interface Replay {
  id: string;
  upTo: number;
  status: 'RUNNING' | 'DONE' | 'FAILED';
  progress: { done: number; total: number };
  /** Null until done. */
  digests: { table: string; replayed: string; live: string; same: boolean }[] | null;
  /** Null until done. */
  same: boolean | null;
  error: string | null;
}

const POLL_MS = 300;

export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('fold the log again up to a position in scratch tables and compare the figures with the live ones')
    .requiredOption('--up-to <position|time>', 'a position, or a time: the last position recorded until then')
    .action(action(replay));
}

async function replay({ environment, output }: Context, options: { upTo: string }): Promise<number> {
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
  if (state.digests === null) {
    throw new CommandError(`The replay failed: ${state.error ?? 'no reason given'}`, EXIT.failed);
  }
  const verdict = state.same === true ? 'are what the log says' : 'DIFFER from what the log says';
  output.result(state, [
    ...table(
      ['table', 'verdict', 'live', 'replayed'],
      state.digests.map((each) => [each.table, each.same ? 'same' : 'DIFFERS', each.live, each.replayed]),
    ),
    `The figures as of position ${state.upTo} ${verdict}.`,
  ]);
  return state.same === true ? EXIT.ok : EXIT.failed;
}
