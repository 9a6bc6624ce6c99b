import { type Command, InvalidArgumentError } from 'commander';
import {
  rebuild,
  RebuildDiffersError,
  type RebuildResult,
  RebuildRunningError,
  UnknownPolicyError,
} from '#app/read-models';
import { createPool } from '#app/runtime';
import { action, type Context } from '../command-context.js';
import { needDatabase } from '../environment.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { count, table } from '../terminal/output.js';

interface Options {
  fresh?: boolean;
  acceptDifferences?: boolean;
  policy?: number | 'log';
}

export function registerRebuild(program: Command): void {
  program
    .command('rebuild')
    .description('fill all figures again from the log beside the live ones, compare, and switch')
    .option('--fresh', 'throw away what an interrupted rebuild has left instead of going on with it')
    .option('--accept-differences', 'switch even when the live figures differ: the way out when they are damaged')
    .option(
      '--policy <number>',
      'fold under this conversion policy from now on, whatever the log activates; "log": as the log says again',
      policyNamed,
    )
    .action(action(runRebuild));
}

function policyNamed(text: string): number | 'log' {
  if (text === 'log') return text;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give the number of a policy, or "log".');
  return Number(text);
}

async function runRebuild({ environment, output }: Context, { policy, ...options }: Options): Promise<number> {
  const pool = createPool(needDatabase(environment), {
    role: 'ledger_projector',
    max: 5,
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
      policyOverride: policy === 'log' ? null : policy,
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
    if (isRefusal(error)) throw new CommandError(error.message, EXIT.failed);
    throw error;
  } finally {
    progress.stop();
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
    await pool.end();
  }
}

function isRefusal(error: unknown): error is Error {
  return (
    error instanceof RebuildDiffersError || error instanceof RebuildRunningError || error instanceof UnknownPolicyError
  );
}

const PHASES = {
  LOAD: 'loading',
  INDEX: 'making indexes, comparing with the live figures',
  BALANCE: 'summing balances',
  COMPARE: 'comparing what came since',
  SWITCH: 'switching readers over',
} as const;

function lines(result: RebuildResult): string[] {
  const { generation, replaced, position, events, seconds, resumedAfter, checksums, differing } = result;
  const resumed = resumedAfter === null ? '' : `, resumed after position ${resumedAfter}`;
  return [
    `generation ${generation} replaced ${replaced} at position ${position}`,
    `${count(events)} events in ${seconds.toFixed(1)} s${resumed}`,
    ...(checksums === null
      ? ['not compared: the live figures were made by other rules']
      : [
          differing.length === 0
            ? 'equal to the live figures'
            : `differing from the live figures: ${differing.join(', ')}`,
          ...table(
            ['table', 'checksum'],
            Object.entries(checksums).map(([name, checksum]) => [name, checksum]),
          ),
        ]),
  ];
}
