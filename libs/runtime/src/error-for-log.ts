/** What may be told of an error: never a value of a report. */
export interface LoggedError {
  type: string;
  message: string;
  code?: string;
  /** Where it was thrown; frames only, because the first line of a stack repeats the message. */
  stack?: string;
  cause?: LoggedError;
}

/** A SQLSTATE: five characters. The codes of Node and Kafka are words. */
const SQLSTATE = /^[0-9A-Z]{5}$/;
const CAUSES_MAX = 5;

/**
 * An error as a log may hold it. PostgreSQL quotes values in its messages (`invalid input syntax for …: "…"`), details
 * and contexts (a line of COPY), TypeORM keeps the parameters of the statement, and V8 quotes the text that is no JSON: of
 * these only code, severity, routine and frames are told.
 */
export function errorForLog(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something was thrown that is no error' };
  const { code } = error as { code?: unknown };
  const frames = framesOf(error);
  const { cause } = error;
  return {
    type: error.name,
    message: messageOf(error),
    ...(typeof code === 'string' ? { code } : {}),
    ...(frames === '' ? {} : { stack: frames }),
    ...(cause === undefined || depth >= CAUSES_MAX ? {} : { cause: errorForLog(cause, depth + 1) }),
  };
}

function messageOf(error: Error): string {
  const { driverError } = error as { driverError?: unknown };
  const origin = (driverError instanceof Error ? driverError : error) as Error & Partial<Record<string, unknown>>;
  const { code, severity, routine } = origin;
  const isPostgres = typeof code === 'string' && SQLSTATE.test(code) && typeof severity === 'string';
  if (isPostgres) return `PostgreSQL ${code} ${severity}${typeof routine === 'string' ? ` in ${routine}` : ''}`;
  if (origin !== error) return `${origin.name}${typeof code === 'string' ? ` ${code}` : ''}`;
  if (error instanceof SyntaxError) return 'a text could not be read';
  // Some errors of ours repeat what their cause says.
  const { cause } = error;
  if (cause instanceof Error && cause.message !== '') return error.message.replaceAll(cause.message, messageOf(cause));
  return error.message;
}

function framesOf({ stack }: Error): string {
  return (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
