import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { errorForLog } from './error-for-log.js';

/** JSON lines on standard output, one per event worth telling. Secrets and committed values never get this far: what looks like one is cut out. */
export function createLogger(app: string, destination: DestinationStream = pino.destination(1)): Logger {
  const options: LoggerOptions = {
    level: process.env['LOG_LEVEL'] ?? 'info',
    base: { app, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    // What errorForLog made of an error stays so: pino's own serializer takes its constructor for its type, which is Object.
    serializers: { err: (told: unknown) => told },
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['*.password', '*.authorization', 'req.headers.authorization', 'databaseUrl', '*.databaseUrl'],
      remove: true,
    },
    hooks: {
      logMethod(given, method) {
        method.apply(this, withoutValues(given));
      },
    },
  };
  return pino(options, destination);
}

type LogArguments = Parameters<Logger['info']>;

/** Errors come in three ways: as the first argument, as its `err`, and once more as a message that repeats theirs. */
function withoutValues(given: LogArguments): LogArguments {
  const [first, message, ...rest] = given as unknown as [unknown, unknown, ...unknown[]];
  const error = first instanceof Error ? first : (first as { err?: unknown } | null | undefined)?.err;
  if (!(error instanceof Error)) return given;
  const err = errorForLog(error);
  const members = first instanceof Error ? {} : (first as object);
  const told = message === undefined || message === error.message ? err.message : message;
  return [{ ...members, err }, told, ...rest] as unknown as LogArguments;
}

/** Nest's logger interface on one pino instance. */
export class NestLogger implements LoggerService {
  constructor(readonly root: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  // Nest calls (message, ...more, context); error adds the stack before the context.
  private write(
    level: 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    if (!this.root.isLevelEnabled(level)) return;
    const last = rest.at(-1);
    const context = typeof last === 'string' ? last : undefined;
    const stack = level === 'error' && rest.length > 1 && typeof rest[0] === 'string' ? rest[0] : undefined;
    if (message instanceof Error) this.root[level]({ context, err: message }, message.message);
    else if (typeof message === 'object' && message !== null) this.root[level]({ context, ...message });
    else this.root[level]({ context, ...(stack === undefined ? {} : { stack }) }, String(message));
  }
}
