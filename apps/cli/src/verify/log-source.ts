import { statSync } from 'node:fs';
import { folderReader, type LogReader } from '#app/transparency';
import { usageError } from '../exit-codes.js';
import { httpReader } from './http-reader.js';

/** Where a log is read from. */
export interface LogSource {
  /** As it was given. */
  at: string;
  read: LogReader;
  /** The folder, when its files can be read by path; null for a URL. */
  folder: string | null;
}

export function isUrl(at: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(at);
}

/**
 * @param at a folder, or the http(s) URL below which `checkpoint` and `tile/` are
 * @throws CommandError with exit code 2 for any other URL, and for a folder that is not there
 */
export function openSource(at: string): LogSource {
  if (isUrl(at)) {
    const { protocol } = parsedUrl(at);
    if (protocol !== 'http:' && protocol !== 'https:') throw usageError(`--log takes http and https, not ${protocol}`);
    return { at, read: httpReader(at), folder: null };
  }
  if (!statSync(at, { throwIfNoEntry: false })?.isDirectory()) throw usageError(`there is no folder ${at}.`);
  return { at, read: folderReader(at), folder: at };
}

function parsedUrl(at: string): URL {
  try {
    return new URL(at);
  } catch {
    throw usageError(`${at} is no URL.`);
  }
}
