import type { Command } from 'commander';
import { rebuild, RebuildDiffersError, type RebuildResult, RebuildRunningError } from '#app/read-models';
import { createPool } from '#app/runtime';
import { action, type Context } from '../command-context.js';
import { needDatabase } from '../environment.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { count, table } from '../terminal/output.js';

interface Options {
  fresh?: boolean;
  acceptDifferences?: boolean;
}

export function registerRebuild(program: Command): void {
  program
    .command('rebuild')
    .description('fill all figures again from the log beside the live ones, compare, and switch')
    .option('--fresh', 'throw away what an interrupted rebuild has left instead of going on with it')
    .option('--accept-differences', 'switch even when the live figures differ: the way out when they are damaged')
    .action(action(runRebuild));
}

async function runRebuild({ environment, output }: Context, options: Options): Promise<number> {
  const pool = createPool(needDatabase(environment), {
    role: 'ledger_projector',
    max: 4,
    applicationName: 'ledger-cli-rebuild',
  });
  const progress = output.progress('rebuilding', null, 'events');
  const stopped = new AbortController();
  const interrupt = (): void => stopped.abort(new CommandError('Interrupted; ledger rebuild goes on from here.', 130));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  let phase = '';
  try {
    const result = await rebuild({
      pool,
      ...options,
      signal: stopped.signal,
      onProgress: (now) => {
        progress.update(now.done, now.total);
        if (now.phase !== phase && now.phase !== 'LOAD') output.note(PHASES[now.phase]);
        phase = now.phase;
      },
    });
    progress.stop();
    output.result(result, lines(result));
    return EXIT.ok;
  } catch (error) {
    if (error instanceof RebuildDiffersError || error instanceof RebuildRunningError) {
      throw new CommandError(error.message, EXIT.failed);
    }
    throw error;
  } finally {
    progress.stop();
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
    await pool.end();
  }
}

const PHASES = {
  LOAD: 'loading',
  INDEX: 'making indexes',
  BALANCE: 'summing balances',
  COMPARE: 'comparing with the live figures',
  SWITCH: 'switching readers over',
} as const;

function lines(result: RebuildResult): string[] {
  const { generation, replaced, position, events, seconds, resumedAfter, digests, differing } = result;
  const resumed = resumedAfter === null ? '' : `, resumed after position ${resumedAfter}`;
  return [
    `generation ${generation} replaced ${replaced} at position ${position}`,
    `${count(events)} events in ${seconds.toFixed(1)} s${resumed}`,
    ...(digests === null
      ? ['not compared: the live figures were made by other rules']
      : [
          differing.length === 0
            ? 'equal to the live figures'
            : `differing from the live figures: ${differing.join(', ')}`,
          ...table(
            ['table', 'digest'],
            Object.entries(digests).map(([name, digest]) => [name, digest]),
          ),
        ]),
  ];
}
