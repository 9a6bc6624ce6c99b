import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import {
  createKeyFile,
  formatVerifierKey,
  KeyFileError,
  MalformedError,
  type NoteSigner,
  parsePolicy,
  parseVerifierKey,
  readKeyFile,
  type VerifierKey,
} from '#app/transparency';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { action, type Context } from '../command-context.js';
import { EXIT, usageError } from '../exit-codes.js';
import { reasonOf } from '../http-api.js';
import { Cosigner } from './cosigner.js';
import { lockFolder } from './folder-lock.js';
import { StateError } from './state-error.js';
import { claimFolder, originHash, readState } from './state-folder.js';
import { WitnessLines } from './witness-lines.js';
import { type Listening, startWitness } from './witness-server.js';

interface Address {
  host: string;
  port: number;
}

interface Options {
  name: string;
  keyFile: string;
  state?: string;
  policy?: string;
  log?: VerifierKey[];
  listen: Address;
  printKey?: boolean;
  newState?: boolean;
}

export function registerWitness(program: Command): void {
  program
    .command('witness')
    .description('run a witness: cosign the checkpoints of logs that only ever grow (docs/witnesses.md)')
    .requiredOption('--name <name>', 'name of the witness in its cosignatures: an address without scheme that is yours')
    .requiredOption('--key-file <file>', 'its private key; made, mode 0600, when it is not there')
    .option('--state <folder>', 'what it has cosigned; belongs to the key for ever')
    .option('--policy <file>', 'a C2SP tlog-policy: its logs are witnessed')
    .option('--log <vkey>', 'verifier key of a log to witness; can be given again', logKey)
    .addOption(
      new Option('--listen <host:port>', 'where it listens')
        .argParser(address)
        .default({ host: '127.0.0.1', port: 3020 }, '127.0.0.1:3020'),
    )
    .option('--print-key', 'print its verifier key and end')
    .option('--new-state', 'the key has never cosigned anything: begin with an empty state')
    .action(action(runWitness));
}

async function runWitness({ output }: Context, options: Options): Promise<number> {
  if (options.printKey === true) {
    const vkeys = vkeysOf(existingKeys(options));
    output.result({ vkeys }, vkeys);
    return EXIT.ok;
  }
  const now = (): Date => new Date();
  const lines = new WitnessLines((line) => output.note(line), now);
  try {
    const { cosigner, vkeys, logs, unlock } = await open(options);
    const witness = await startWitness({ cosigner, lines, now }, options.listen).catch(async (error: Error) => {
      await unlock();
      throw usageError(`cannot listen on ${options.listen.host}:${options.listen.port}: ${reasonOf(error)}`);
    });
    output.result({ url: witness.url, vkeys, logs }, [
      `witness ${options.name} at ${witness.url}`,
      ...vkeys.map((vkey) => `key ${vkey}`),
      ...logs.map(({ origin, size }) => `log ${origin}: ${size === null ? 'nothing cosigned yet' : `${size} entries`}`),
    ]);
    await untilStopped(witness, lines);
    await unlock();
    return EXIT.ok;
  } catch (error) {
    const isUsage = [StateError, KeyFileError, MalformedError].some((type) => error instanceof type);
    throw isUsage ? usageError((error as Error).message) : error;
  }
}

interface Opened {
  cosigner: Cosigner;
  vkeys: string[];
  logs: { origin: string; size: number | null }[];
  unlock: () => Promise<void>;
}

async function open(options: Options): Promise<Opened> {
  const { name, keyFile, state: folder, newState = false } = options;
  if (folder === undefined) throw usageError('--state is missing: the folder in which the witness remembers');
  const logs = logsOf(options);
  mkdirSync(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  try {
    const isNewKey = newState || !existsSync(keyFile);
    createKeyFile(keyFile, { name, kind: 'WITNESS' });
    const signers = readKeyFile(keyFile, { name, kind: 'WITNESS' });
    const keys = signers.map(({ verifier }) => verifier);
    await claimFolder(folder, { keys, isNewKey });
    const cosigner = new Cosigner({ folder, signers, logs, state: readState(folder, keys) });
    const origins = [...new Set(logs.map((key) => key.name))];
    return {
      cosigner,
      vkeys: vkeysOf(signers),
      logs: origins.map((origin) => ({ origin, size: cosigner.latest(originHash(origin))?.head.size ?? null })),
      unlock,
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** @throws CommandError when there are none */
function logsOf({ policy, log = [] }: Options): VerifierKey[] {
  const named = policy === undefined ? [] : parsePolicy(contentOf(policy)).logs.map(({ key }) => key);
  const logs = [...named, ...log];
  if (logs.length === 0) throw usageError('no log to witness: give --log <vkey>, or a --policy with log lines');
  return logs;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`the policy ${file} cannot be read: ${reasonOf(error as Error)}`);
  }
}

function existingKeys({ keyFile, name }: Options): NoteSigner[] {
  if (!existsSync(keyFile))
    throw usageError(`there is no key at ${keyFile}: the witness makes it when it first starts`);
  try {
    return readKeyFile(keyFile, { name, kind: 'WITNESS' });
  } catch (error) {
    throw error instanceof KeyFileError ? usageError(error.message) : error;
  }
}

function vkeysOf(signers: readonly NoteSigner[]): string[] {
  return signers.map(({ verifier }) => formatVerifierKey(verifier));
}

async function untilStopped(witness: Listening, lines: WitnessLines): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  lines.say('stopping');
  await witness.close();
}

function logKey(text: string, before: readonly VerifierKey[] = []): VerifierKey[] {
  let key: VerifierKey;
  try {
    key = parseVerifierKey(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  if (key.kind !== 'LOG') throw new InvalidArgumentError(`the key of ${key.name} is not one of a log`);
  return [...before, key];
}

function address(text: string): Address {
  const [, host, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)?.filter((part) => part !== undefined) ?? [];
  if (host === undefined || port === undefined || Number(port) > 65_535) {
    throw new InvalidArgumentError('Give HOST:PORT, as 127.0.0.1:3020 or [::1]:3020.');
  }
  return { host, port: Number(port) };
}
