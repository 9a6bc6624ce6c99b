import { MasterKey } from '#app/log';
import type { Environment } from './environment.js';
import { usageError } from './exit-codes.js';

/** @param what needs it, as a sentence for people @throws CommandError with exit code 2 */
export function needMasterKey({ masterKeyFile }: Environment, what: string): MasterKey {
  if (masterKeyFile === null) throw usageError(`LEDGER_MASTER_KEY_FILE is not set: ${what}`);
  try {
    return MasterKey.fromFile(masterKeyFile);
  } catch (error) {
    throw usageError((error as Error).message);
  }
}
