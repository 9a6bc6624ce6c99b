import { readFileSync } from 'node:fs';
import { usageError } from './exit-codes.js';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const TOKEN = /^[\w.~+/-]+=*$/;

/**
 * The header that says who asks, for one of our HTTP APIs; none where no token is set. The token comes from LEDGER_TOKEN, else
 * from the file LEDGER_TOKEN_FILE, which is read at every call: long work may outlive a token that something else renews.
 *
 * @throws CommandError with exit code 2, never with the token in it
 */
export function bearer(url: string, env: NodeJS.ProcessEnv = process.env): { authorization?: string } {
  const token = env['LEDGER_TOKEN'] || (env['LEDGER_TOKEN_FILE'] ? readToken(env['LEDGER_TOKEN_FILE']) : '');
  if (token === '') return {};
  if (!TOKEN.test(token))
    throw usageError('LEDGER_TOKEN (or the file LEDGER_TOKEN_FILE) does not hold a bearer token.');
  const { protocol, hostname, origin } = new URL(url);
  if (protocol === 'https:' || LOOPBACK.test(hostname)) return { authorization: `Bearer ${token}` };
  throw usageError(`A token is not sent to ${origin}, where anybody on the way could read it: use https.`);
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw usageError(`LEDGER_TOKEN_FILE ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}
