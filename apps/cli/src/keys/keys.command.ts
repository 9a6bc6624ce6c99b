import type { Command } from 'commander';
import { MasterKey, MasterKeyError, replacePseudonymKey } from '#app/log';
import { action, type Context } from '../command-context.js';
import { CommandError, EXIT, usageError } from '../exit-codes.js';
import { count } from '../terminal/output.js';
import { eraseAllAgain } from './erase-again.js';
import { type MasterRotation, prepareMaster, rotateMaster } from './rotate-master.js';
import { masterKeyFileOf, withVault } from './vault.js';

interface MasterOptions {
  prepare?: boolean;
  keepOld?: boolean;
}

export function registerKeys(program: Command): void {
  const keys = program.command('keys').description('the keys that open what is sealed');
  const rotate = keys.command('rotate').description('replace a key while the system runs');
  rotate
    .command('master')
    .description('wrap every key of the vault by a new master key; an interrupted run goes on where it stopped')
    .option('--prepare', 'only put a new key before those of the file, to bring it to every machine first')
    .option('--keep-old', 'leave the old keys in the file')
    .action(action(reporting(master)));
  rotate
    .command('pseudonym')
    .description('replace the key of the pseudonyms: the same names get other pseudonyms from here on')
    .option('--irrevocably', 'yes: the old key is destroyed, and protected sources count as new claimants')
    .action(action(reporting(pseudonym)));
  keys
    .command('erase-again')
    .description('after a backup of the vault was restored: erase what the log says was erased')
    .action(action(reporting(eraseAgain)));
}

async function master({ environment, output }: Context, { prepare, keepOld }: MasterOptions): Promise<number> {
  const file = masterKeyFileOf(environment);
  if (prepare === true) {
    const keys = await withVault(environment, (pool) => prepareMaster(pool, file));
    output.result({ file, keys }, [
      `${file} holds ${keys} keys, the new one first. Nothing is wrapped by it yet.`,
      'Keep a copy of the file, bring it to every machine, then run ledger keys rotate master.',
    ]);
    return EXIT.ok;
  }
  const progress = output.progress('wrapping again', null, 'keys');
  let done: MasterRotation;
  try {
    done = await withVault(environment, (pool) =>
      rotateMaster(pool, file, {
        keepOld: keepOld === true,
        onProgress: (seen, total) => progress.update(seen, total),
      }),
    );
  } finally {
    progress.stop();
  }
  output.result(done, linesOf(file, done));
  return done.unreadable === 0 ? EXIT.ok : EXIT.failed;
}

function linesOf(file: string, { keys, rewrapped, unreadable, dropped }: MasterRotation): string[] {
  return [
    `${count(keys)} keys in the vault, ${count(rewrapped)} wrapped again, all ${unreadable === 0 ? '' : 'others '}by the first key of ${file}`,
    ...(unreadable === 0
      ? []
      : [`${count(unreadable)} keys open by no key of the file: they were changed, or a key is missing in it`]),
    dropped === 0
      ? 'No key was taken out of the file.'
      : `${dropped} old ${dropped === 1 ? 'key was' : 'keys were'} taken out of the file. Destroy every other copy: with it goes whatever was erased before.`,
  ];
}

async function pseudonym({ environment, output }: Context, options: { irrevocably?: boolean }): Promise<number> {
  const file = masterKeyFileOf(environment);
  if (options.irrevocably !== true) {
    throw usageError(
      'The old key is destroyed: nobody can tell any more whom a pseudonym stood for, and a source that is known by its ' +
        'pseudonym alone counts as another claimant from here on (docs/erasure.md). Say --irrevocably.',
    );
  }
  await withVault(environment, (pool) => replacePseudonymKey(pool, MasterKey.fromFile(file)));
  output.result({ replaced: 'pseudonym' }, [
    'The key of the pseudonyms was replaced; what is recorded from here on has other pseudonyms.',
  ]);
  return EXIT.ok;
}

async function eraseAgain({ environment, output }: Context): Promise<number> {
  const masterKey = MasterKey.fromFile(masterKeyFileOf(environment));
  const checked = await eraseAllAgain(environment, masterKey);
  output.result(checked, [
    `${count(checked.erasures)} erasures in the log; ${count(checked.events)} events and ${count(checked.rejections)} refused messages could be opened all the same, and cannot any more.`,
  ]);
  return EXIT.ok;
}

/** A wrong or missing key is told in a sentence. */
function reporting<T>(work: (context: Context, options: T) => Promise<number>) {
  return async (context: Context, options: T): Promise<number> => {
    try {
      return await work(context, options);
    } catch (error) {
      if (error instanceof MasterKeyError) throw new CommandError(error.message, EXIT.failed);
      throw error;
    }
  };
}
