import { HttpException } from '@nestjs/common';
import { isTransient } from '#app/runtime';
import { titleOf } from './problem-codes.js';
import { Problem, problemForStatus } from './problem.js';

/** SQLSTATE of a statement that ran into `statement_timeout`. */
const QUERY_CANCELED = '57014';

/** Turns whatever was thrown into the problem that the client may see. Internals stay in the log. */
export function translateError(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const origin = error instanceof HttpException ? (error.cause ?? error) : error;
  const code = codeOf(origin);
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return new Problem('EMPTY_BODY', 'the body is empty, JSON is needed');
  if (origin instanceof SyntaxError || code === 'FST_ERR_CTP_INVALID_JSON_BODY') {
    return new Problem('MALFORMED_JSON', 'the body is not well-formed JSON');
  }
  if (code === 'FST_ERR_BAD_URL') return new Problem('MALFORMED_URL', 'the address holds a malformed escape');
  if (code === QUERY_CANCELED) {
    return new Problem('QUERY_TIMEOUT', 'the query was stopped; ask for less: a region, a shorter time, fewer groups', {
      headers: { 'retry-after': '5' },
    });
  }
  if (isTransient(error)) {
    return new Problem('TEMPORARILY_UNAVAILABLE', titleOf('TEMPORARILY_UNAVAILABLE'), {
      headers: { 'retry-after': '2' },
    });
  }
  const status = statusFrom(error);
  return status < 500 && error instanceof Error ? problemForStatus(status, error.message) : problemForStatus(status);
}

function statusFrom(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 600 ? statusCode : 500;
}

function codeOf(error: unknown): string | undefined {
  const { code, driverError } = (error ?? {}) as { code?: unknown; driverError?: { code?: unknown } };
  const found = code ?? driverError?.code;
  return typeof found === 'string' ? found : undefined;
}
