import { mkdirSync, readFileSync } from 'node:fs';
import { StartupError } from '#app/http-edge';
import { KeyFileError, MalformedError, readKeyFile } from '#app/transparency';
import type { Logger } from 'pino';
import { policyOf } from './identity.js';
import type { NotaryConfig } from './notary.config.js';
import type { NotaryParts } from './notary.js';
import { LogSigner } from './signing.js';
import { Witnesses } from './witnesses/witnesses.js';

/** Reads what an operator wrote. @throws StartupError with a sentence */
export function readKeysAndPolicy(
  config: NotaryConfig,
  logger: Logger,
): Pick<NotaryParts, 'signer' | 'policy' | 'witnesses'> {
  const { LEDGER_LOG_ORIGIN: origin, LEDGER_WITNESS_POLICY_FILE: file } = config;
  try {
    const signers = readKeyFile(config.LEDGER_SIGNING_KEY_FILE, { name: origin, kind: 'LOG' });
    const signer = new LogSigner(signers, origin);
    mkdirSync(config.LEDGER_TILES_DIR, { recursive: true });
    const policy = policyOf(file === undefined ? null : readFileSync(file, 'utf8'), signer.verifiers);
    const witnesses = new Witnesses(policy.policy, { timeoutMs: config.LEDGER_WITNESS_TIMEOUT_MS, logger });
    return { signer, policy, witnesses };
  } catch (error) {
    if (error instanceof KeyFileError) {
      throw new StartupError(`LEDGER_SIGNING_KEY_FILE: ${error.message}`, { cause: error });
    }
    if (error instanceof MalformedError) {
      throw new StartupError(`LEDGER_WITNESS_POLICY_FILE=${file}: ${error.message}`, { cause: error });
    }
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined || path === undefined) throw error;
    throw new StartupError(`${path} cannot be used: ${code}`, { cause: error });
  }
}
