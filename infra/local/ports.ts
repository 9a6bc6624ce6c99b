import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A free port outside the range that systems give to outgoing connections (32768 and up): a server that is restarted
 * on its port after a kill must not find a client's connection sitting there. Never `except`, chosen but not yet in use.
 */
export async function freePort(except?: number): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (port !== except && !(await isPortTaken(port))) return port;
  }
}

/** Whether a program listens on the port (or it may not be used at all). */
export function isPortTaken(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(true));
    server.listen(port, host, () => server.close(() => resolve(false)));
  });
}

/** The port that was used last time if it is still free, else a free one. */
export async function preferPort(port: number | undefined): Promise<number> {
  return port !== undefined && !(await isPortTaken(port)) ? port : await freePort();
}
