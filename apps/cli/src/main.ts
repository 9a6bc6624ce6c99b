import 'reflect-metadata';
import { errorForLog } from '#app/runtime';
import { Command, CommanderError } from 'commander';
import { CommandError, EXIT } from './exit-codes.js';
import { asDatabaseError } from './postgres-errors.js';
import { registerBackup } from './backup/backup.command.js';
import { registerDisclose } from './disclose/disclose.command.js';
import { registerExport } from './export/export.command.js';
import { registerKeys } from './keys/keys.command.js';
import { registerGazetteer } from './gazetteer/gazetteer.command.js';
import { registerDecide } from './decide/decide.command.js';
import { registerImportUcdp } from './import-ucdp/import-ucdp.command.js';
import { registerPublish } from './publish/publish.command.js';
import { registerRebuild } from './rebuild/rebuild.command.js';
import { registerRejections } from './rejections/rejections.command.js';
import { registerReplay } from './replay/replay.command.js';
import { registerRestore } from './restore/restore.command.js';
import { registerSnapshot } from './snapshot/snapshot.command.js';
import { registerStatus } from './status/status.command.js';
import { registerVerify } from './verify/verify.command.js';
import { registerWitness } from './witness/witness.command.js';

const program = new Command('ledger')
  .description('Conflict Ledger: publish, import, look after and check')
  .option('--json', 'one JSON document on standard output, for machines')
  .showHelpAfterError('(add --help for the options)')
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 all right, 1 a check failed, 2 wrong usage, 3 a part does not answer (docs/cli.md).',
  );

registerPublish(program);
registerImportUcdp(program.command('import').description('publish other datasets as reports'));
registerGazetteer(program);
registerRejections(program);
registerDecide(program);
registerSnapshot(program);
registerDisclose(program);
registerKeys(program);
registerRebuild(program);
registerReplay(program);
registerVerify(program);
registerExport(program);
registerBackup(program);
registerRestore(program);
registerStatus(program);
registerWitness(program);

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
