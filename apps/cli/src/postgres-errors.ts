import { isTransient } from '#app/runtime';
import { unreachable } from './exit-codes.js';

/** A database that does not answer, as the sentence and the exit code for it; every other error as it is. */
export function asDatabaseError(error: unknown): unknown {
  if (!isTransient(error)) return error;
  const { message, code } = error as { message?: string; code?: string };
  return unreachable('PostgreSQL', message || code || 'no answer');
}
