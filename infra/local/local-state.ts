import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createKeyFile, formatVerifierKey, readKeyFile } from '#app/transparency';
import { localFolder } from './folders.js';
import { StartProblem } from './start-problem.js';

const LOG_FILE_LIMIT = 20_000_000;

/** Ports of the servers we start, remembered so that a bookmark or a psql call works after the next start too. */
export interface Ports {
  postgres?: number;
  kafka?: number;
}

export function readPorts(): Ports {
  try {
    return JSON.parse(readFileSync(localFolder('ports.json'), 'utf8')) as Ports;
  } catch {
    return {}; // the first start, or a file cut short: other ports do as well
  }
}

export function rememberPorts(ports: Ports): void {
  writeFileSync(localFolder('ports.json'), `${JSON.stringify({ ...readPorts(), ...ports })}\n`);
}

/** The log file of a part; one that has grown large becomes `<name>.log.1`. */
export function logFile(name: string): string {
  mkdirSync(localFolder('logs'), { recursive: true });
  const file = localFolder('logs', `${name}.log`);
  if (existsSync(file) && statSync(file).size > LOG_FILE_LIMIT) renameSync(file, `${file}.1`);
  return file;
}

/**
 * The master key of this local run: 32 random bytes as base64, mode 0600, made once. A log that exists must not get a new
 * one, since nothing that was sealed could ever be opened again.
 */
export function masterKeyFile(hasData: boolean): string {
  const given = process.env['LEDGER_MASTER_KEY_FILE'];
  if (given) return given;
  const file = localFolder('keys', 'master.key');
  if (existsSync(file)) return file;
  if (hasData) {
    throw new StartProblem(
      `The database has data, but its master key ${file} is gone. Put the key back (or name it by LEDGER_MASTER_KEY_FILE). ` +
        'If the data does not matter, remove it together with the rest of .local and start again.',
    );
  }
  mkdirSync(localFolder('keys'), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  return file;
}

/**
 * The key by which this local run signs its log, made once. A log that was signed must not get another one: nobody would
 * know that it is the same log.
 */
export function signingKeyFile(origin: string): string {
  const given = process.env['LEDGER_SIGNING_KEY_FILE'];
  if (given) return given;
  const file = localFolder('keys', 'signing.key');
  if (!existsSync(file) && existsSync(localFolder('tiles', 'checkpoint'))) {
    throw new StartProblem(
      `The log was signed, but its key ${file} is gone. Put the key back (or name it by LEDGER_SIGNING_KEY_FILE). ` +
        'If nobody has to recognise this log, remove .local/tiles and start again: a new key is made.',
    );
  }
  mkdirSync(localFolder('keys'), { recursive: true, mode: 0o700 });
  createKeyFile(file, { name: origin, kind: 'LOG' });
  return file;
}

/** The public keys of a signing key file, as verifiers take them. */
export function verifierKeys(file: string, origin: string): string[] {
  return readKeyFile(file, { name: origin, kind: 'LOG' }).map(({ verifier }) => formatVerifierKey(verifier));
}

/** What the CLI reads when its own environment names no system. It holds the password of the database: mode 0600. */
export function writeEnvironmentFile(values: Record<string, string>): string {
  const file = localFolder('env');
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  writeFileSync(`${file}.new`, `${lines.join('\n')}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return file;
}
