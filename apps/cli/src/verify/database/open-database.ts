import { checkMasterKey, MasterKeyError } from '#app/log';
import { createPool } from '#app/runtime';
import { type Environment, needDatabase } from '../../environment.js';
import { usageError } from '../../exit-codes.js';
import { needMasterKey } from '../../master-key.js';
import { auditPool } from '../../publishing/await-log.js';
import type { CheckedDatabase } from './check-page.js';

/** How a database is opened; it can be sent between threads. */
export interface DatabaseAccess {
  environment: Environment;
  options: { withSealed: boolean };
}

/**
 * The database of the environment by two roles: an auditor's sees no keys, that of query-api sees which there are.
 *
 * @throws CommandError with exit code 2 when values are to be opened and the master key is not there or another one
 */
export async function openDatabase(
  environment: Environment,
  { withSealed }: DatabaseAccess['options'],
): Promise<CheckedDatabase & { access: DatabaseAccess; close: () => Promise<void> }> {
  const masterKey = withSealed ? needMasterKey(environment, '--sealed needs it.') : null;
  const url = needDatabase(environment);
  const db = auditPool(environment);
  const keys = createPool(url, {
    role: 'ledger_query',
    max: 1,
    applicationName: 'ledger-cli',
    statementTimeoutMs: 120_000,
  });
  const close = async (): Promise<void> => void (await Promise.all([db.end(), keys.end()]));
  try {
    if (masterKey !== null) await checkMasterKey(keys, masterKey);
  } catch (error) {
    await close();
    throw error instanceof MasterKeyError ? usageError(error.message) : error;
  }
  const access = { environment, options: { withSealed } };
  return { db, sealed: { db: keys, masterKey }, access, close };
}
