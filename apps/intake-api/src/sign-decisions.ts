import { authorOf, type Caller } from '#app/http-edge';
import type { Entry } from './submission.js';

/**
 * Decisions with the name of the caller as their author.
 *
 * @throws Problem AUTHOR_NOT_CALLER, FORBIDDEN
 */
export function signDecisions(entries: readonly Entry[], caller: Caller): Entry[] {
  if (caller.subject === null) return [...entries];
  return entries.map((entry) => {
    if ('problems' in entry || !isObject(entry.message.data)) return entry;
    const data = { ...entry.message.data, by: authorOf(caller, entry.message.data['by']) };
    return { ...entry, message: { ...entry.message, data, event: { ...entry.message.event, data } } };
  });
}

function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}
