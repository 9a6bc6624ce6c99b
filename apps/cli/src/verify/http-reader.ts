import { setTimeout as pause } from 'node:timers/promises';
import type { LogReader } from '#app/transparency';
import { unreachable } from '../exit-codes.js';
import { reasonOf } from '../http-api.js';

/** Requests that run at once. */
const CONNECTIONS = 8;
const TIMEOUT_MS = 60_000;
/** Before the second, third and fourth attempt. */
const PAUSES_MS = [250, 1000, 4000];
const MAX_RETRY_AFTER_S = 30;
/** The largest file of a log: a bundle of 256 entries of 65,535 bytes. */
const MAX_BYTES = 256 * (2 + 65_535);
const GONE = new Set([404, 410]);

/**
 * Reads the files of a log over HTTP: a few at once, each tried several times.
 *
 * What is longer than any file of a log is cut off behind that length, so that no server fills the memory; it is refused as
 * malformed then.
 *
 * @param prefix http(s) URL below which `checkpoint` and `tile/` are
 * @returns a reader that throws CommandError with exit code 3 when the server does not answer
 */
export function httpReader(prefix: string): LogReader {
  const base = prefix.replace(/\/+$/, '');
  const turns = new Turns(CONNECTIONS);
  return (name) => turns.take(() => readPatiently(`${base}/${name}`));
}

async function readPatiently(url: string): Promise<Buffer | null> {
  let reason = '';
  for (const wait of [...PAUSES_MS, null]) {
    const attempt = await readOnce(url);
    if ('bytes' in attempt) return attempt.bytes;
    reason = attempt.reason;
    if (wait === null || attempt.isFinal) break;
    await pause(attempt.waitMs ?? wait);
  }
  throw unreachable(`the log at ${url}`, reason);
}

type Attempt = { bytes: Buffer | null } | { reason: string; isFinal: boolean; waitMs: number | null };

async function readOnce(url: string): Promise<Attempt> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return { bytes: await bodyOf(response) };
    await response.body?.cancel();
    if (GONE.has(response.status)) return { bytes: null };
    const isFinal = response.status < 500 && response.status !== 429;
    return { reason: `it answers ${response.status}`, isFinal, waitMs: retryAfter(response) };
  } catch (error) {
    return { reason: reasonOf(error as Error), isFinal: false, waitMs: null };
  }
}

async function bodyOf(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop cancels the rest.
    if (bytes > MAX_BYTES) break;
  }
  return Buffer.concat(chunks);
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? '');
  return seconds > 0 ? Math.min(seconds, MAX_RETRY_AFTER_S) * 1000 : null;
}

/** Lets a number of pieces of work run at once; the others wait in their order. */
class Turns {
  readonly #waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}
