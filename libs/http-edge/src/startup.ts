import { ConfigError, errorForLog, isTransient } from '#app/runtime';

/** The app cannot start; the message is a sentence for the person who started it. */
export class StartupError extends Error {
  readonly exitCode = 1;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartupError';
  }
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/** Without authentication there is no other protection than not being reachable. */
export function assertLoopback(host: string, { isAuthOn = false } = {}): void {
  if (isAuthOn || LOOPBACK.test(host)) return;
  throw new StartupError(
    `HTTP_HOST=${host} would let other machines in, and nothing here asks who they are. Use HTTP_HOST=127.0.0.1; query-api, audit-api and intake-api also take AUTH_ISSUER, AUTH_AUDIENCE and AUTH_JWKS_URL.`,
  );
}

/** Turns the errors of `listen` into sentences. */
export function explainListenError(error: unknown, host: string, port: number): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new StartupError(
      `Port ${port} on ${host} is taken by another process. Stop it, or set HTTP_PORT to a free port.`,
      { cause: error },
    );
  }
  if (code === 'EACCES') {
    return new StartupError(`Port ${port} needs more rights than this account has. Set HTTP_PORT to 1024 or higher.`, {
      cause: error,
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new StartupError(`${host} is not an address of this machine. Set HTTP_HOST=127.0.0.1.`, { cause: error });
  }
  return error as Error;
}

/** Runs a `main`: what stops it is printed as a sentence (a stack only for what nobody expected) and ends the process. */
export function runMain(main: () => Promise<unknown>): void {
  main().catch((error: unknown) => {
    const known = error instanceof StartupError || error instanceof ConfigError;
    process.stderr.write(`${known ? error.message : explain(error)}\n`);
    process.exit(known ? error.exitCode : 1);
  });
}

function explain(error: unknown): string {
  const { type, message, stack } = errorForLog(error);
  if (isTransient(error))
    return `Something that this app needs does not answer (${message}). Start it, then start this again.`;
  return `${type}: ${message}${stack === undefined ? '' : `\n${stack}`}`;
}
