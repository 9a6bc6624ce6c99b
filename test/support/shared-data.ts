import { existsSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';

/** The data folder beside the checkout, or null with a printed reason: it is not part of a plain clone. */
export function sharedData(...below: string[]): string | null {
  const file = path.resolve(repositoryRoot(), '..', 'shared', 'data', ...below);
  if (existsSync(file)) return file;
  process.stderr.write(`skipped: ${file} is not there\n`);
  return null;
}
