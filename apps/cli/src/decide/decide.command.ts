import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { action, type Context } from '../command-context.js';
import { usageError } from '../exit-codes.js';
import { type Given, KIND_COMMANDS } from './kinds.js';
import { DEFAULT_SOURCE, sendDecision } from './send-decision.js';

/** What every kind has. */
interface Common {
  reason: string;
  by: string;
  expect?: string;
}

export function registerDecide(program: Command): void {
  const decide = program
    .command('decide')
    .description('send a steward’s decision through Kafka and tell what became of it')
    .argument('[file]', 'a decision as JSON, or a CloudEvent; - = standard input')
    .option('--source <uri>', 'CloudEvents source of a decision that brings none', DEFAULT_SOURCE)
    .action(action(decideFile));
  for (const [
    name,
    { kind, description, arguments: values = [], required = [], options = [], members },
  ] of Object.entries(KIND_COMMANDS)) {
    const command = withCommon(decide.command(name).description(`${kind}: ${description}`));
    for (const [value, meaning] of values) command.argument(value, meaning);
    for (const [flag, meaning] of required) command.requiredOption(flag, meaning);
    for (const [flag, meaning] of options) command.option(flag, meaning);
    command.action(
      action((context, ...given: (string | Given)[]) => {
        const flags = given.at(-1) as Given & Common & { source: string };
        const named = values.map(([value], index) => [value.replaceAll(/[<>[\]]/gu, ''), given[index] as string]);
        return sendDecision(
          context,
          decisionOf(kind, members({ ...flags, ...Object.fromEntries(named) }), flags),
          flags.source,
        );
      }),
    );
  }
}

/** Adds the options that every kind of decision has. */
export function withCommon(command: Command): Command {
  return command
    .requiredOption('--reason <text>', 'why; recorded, not public')
    .option('--by <name>', 'who decides; recorded, public', process.env['USER'] || 'operator')
    .option('--expect <version>', 'version of the stream that you saw; a stale decision is refused')
    .option('--source <uri>', 'CloudEvents source', DEFAULT_SOURCE);
}

/** The decision as JSON text; what is undefined is left out. */
export function decisionOf(kind: string, members: Record<string, unknown>, { reason, by, expect }: Common): Buffer {
  const version = expect === undefined ? {} : { expect: Number(expect) };
  return Buffer.from(JSON.stringify({ kind, reason, by, ...version, ...members }));
}

async function decideFile(context: Context, file: string | undefined, { source }: { source: string }): Promise<number> {
  if (file === undefined) throw usageError('Name a file, - for standard input, or a kind (ledger decide --help).');
  return sendDecision(context, await bytesOf(file), source);
}

function bytesOf(file: string): Promise<Buffer> {
  if (file === '-') return buffer(process.stdin);
  return readFile(file).catch(() => {
    throw usageError(`${file} is not there or cannot be read.`);
  });
}
