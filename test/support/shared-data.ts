import path from 'node:path';
import { repositoryRoot } from '#app/runtime';

/** A file of the data folder beside the checkout. It is not part of a plain clone: who needs it skips with a printed reason. */
export function sharedDataPath(...below: string[]): string {
  return path.resolve(repositoryRoot(), '..', 'shared', 'data', ...below);
}
