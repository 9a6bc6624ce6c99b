import { existsSync, readFileSync } from 'node:fs';
import { MalformedError, parsePolicy, parseVerifierKey, type Policy, type VerifierKey } from '#app/transparency';
import type { Command } from 'commander';
import { usageError } from '../exit-codes.js';
import type { Output } from '../terminal/output.js';
import { isUrl, openSource } from './log-source.js';

/** What the person who checks knows beforehand. */
export interface TrustOptions {
  key?: string[];
  policy?: string;
  keyFromServer?: boolean;
  /** Where the log is: only for `keyFromServer`. */
  log?: string;
}

/** Adds `--key`, `--policy` and `--key-from-server`, which `readTrust` reads. */
export function addTrustOptions(command: Command): Command {
  return command
    .option(
      '--key <vkey|file>',
      'public key of the log, as text or in a file; several for a log that changed its key',
      gather,
    )
    .option('--policy <file>', 'C2SP tlog-policy: keys of the log, its witnesses, and the quorum')
    .option('--key-from-server', 'take the key that the server names: shows only that the server agrees with itself');
}

/** An option that may be given several times. */
export function gather(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/**
 * Which keys are believed, and which quorum of witnesses is asked for.
 *
 * @throws CommandError with exit code 2: no key, a file that is not there, a text that is no key or no policy
 */
export async function readTrust(options: TrustOptions, output: Output): Promise<Policy> {
  const policy: Policy =
    options.policy === undefined
      ? { logs: [], witnesses: [], groups: [], quorum: 'none' }
      : malformedIsUsage(options.policy, () => parsePolicy(readGivenFile(options.policy as string)));
  const keys = (options.key ?? []).flatMap((given) =>
    existsSync(given) ? keysOf(readGivenFile(given), given) : keysOf(given, `--key ${given} (there is no such file)`),
  );
  if (options.keyFromServer === true) keys.push(...(await serversKeys(options.log, output)));
  for (const key of keys) {
    if (!policy.logs.some((log) => log.key.publicKey.equals(key.publicKey))) policy.logs.push({ key, url: null });
  }
  if (policy.logs.length === 0) {
    throw usageError('--key or --policy must name the public key of the log: without it nothing can be verified.');
  }
  return policy;
}

/** The keys that the notary has written into its own database: shows that database and folder belong together, no more. */
export function policyOfNotary(identity: { vkeys: string } | null): Policy {
  if (identity === null)
    throw usageError('the database names no public key of the log: the notary has never run on it.');
  const logs = keysOf(identity.vkeys, 'notary.identity').map((key) => ({ key, url: null }));
  return { logs, witnesses: [], groups: [], quorum: 'none' };
}

/** @throws CommandError with exit code 2 */
export function readGivenFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'no reason given'}.`);
  }
}

/** Lines of a file as `/log/key` gives them, or one key. */
function keysOf(text: string, where: string): VerifierKey[] {
  const lines = text.split('\n').map((line) => line.trim());
  const keys = malformedIsUsage(where, () =>
    lines.filter((line) => line !== '' && !line.startsWith('#')).map(parseVerifierKey),
  );
  const [first] = keys;
  if (first === undefined) throw usageError(`${where} holds no key.`);
  for (const { kind, name } of keys) {
    if (kind !== 'LOG') throw usageError(`the key of ${name} is one of a witness: name it in a --policy.`);
  }
  return keys;
}

async function serversKeys(log: string | undefined, output: Output): Promise<VerifierKey[]> {
  if (log === undefined || !isUrl(log)) throw usageError('--key-from-server needs a --log that is a URL.');
  const text = await openSource(log).read('key');
  if (text === null) throw usageError(`${log} names no key.`);
  const keys = keysOf(text.toString(), `${log}/key`);
  output.note(
    'WARNING: the key comes from the server that is checked. Compare it with one that you have from elsewhere:',
  );
  for (const { name, keyId } of keys) output.note(`WARNING:   ${name} ${keyId}`);
  return keys;
}

function malformedIsUsage<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedError) throw usageError(`${where}: ${error.message}.`);
    throw error;
  }
}
