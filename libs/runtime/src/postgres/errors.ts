/** Classes and codes of PostgreSQL that pass by themselves: connection lost, shutting down, out of resources, lost races, time-outs. */
const TRANSIENT_STATES = /^(08...|57P0[1-5]|57014|40001|40P01|53...|55P03|55006|25P0[34]|58000|58030)$/;
const TRANSIENT_SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
// The last one has state 55000, which other errors share: a database that lets nobody in must not look like a bad message.
const TRANSIENT_MESSAGES =
  /Connection terminated|connection timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Query read timeout|server closed the connection|not currently accepting connections/i;

/**
 * Whether trying again later can help. Only then may a batch be retried for ever; anything else must end in a decision.
 *
 * Walks `cause` and the members of an AggregateError (Node's "happy eyeballs" wraps ECONNREFUSED so).
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (TRANSIENT_STATES.test(code) || TRANSIENT_SYSTEM_CODES.has(code))) return true;
  if (TRANSIENT_MESSAGES.test(error.message)) return true;
  if (error instanceof AggregateError && error.errors.some(isTransient)) return true;
  return isTransient(error.cause);
}

/** Whether nothing came back in time: the connection may be dead, and whatever is asked on it would wait as long again. */
export function isUnanswered(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** Whether an error is the violation of one named constraint. */
export function isViolationOf(error: unknown, constraint: string): boolean {
  const { code, constraint: violated } = error as { code?: string; constraint?: string };
  return code !== undefined && code.startsWith('23') && violated === constraint;
}
