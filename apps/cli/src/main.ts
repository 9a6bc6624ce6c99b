import 'reflect-metadata';
import { errorForLog } from '#app/runtime';
import { Command, CommanderError } from 'commander';
import { registerCommands } from './commands.js';
import { CommandError, EXIT } from './exit-codes.js';
import { asDatabaseError } from './postgres-errors.js';

const program = new Command('ledger')
  .description('Conflict Ledger: publish, import, look after and check')
  .option('--json', 'one JSON document on standard output, for machines')
  .showHelpAfterError('(add --help for the options)')
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 all right, 1 a check failed, 2 wrong usage, 3 a part does not answer (docs/cli.md).',
  );

await registerCommands(program, process.argv.slice(2));
process.exitCode = await run(process.argv);

async function run(argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...argv]);
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.ok;
  } catch (caught) {
    const error = asDatabaseError(caught);
    // Commander has written its own sentence; --help and --version end here too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof CommandError) {
      process.stderr.write(`ledger: ${error.message}\n`);
      return error.exitCode;
    }
    const { type, message, stack = '' } = errorForLog(error);
    process.stderr.write(`ledger: ${type}: ${message}\n${stack}\n`);
    return EXIT.failed;
  }
}
