import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import { StateError } from './state-error.js';

const NAME = /^\.lock\.[0-9a-f]{8}$/;
/** The address of a socket has 104 bytes on macOS and 108 on Linux, the last one zero. */
const PATH_BYTES_MAX = 103;

/** Gives the folder back. */
export type Unlock = () => Promise<void>;

/**
 * Keeps a folder for one process, however it ends: a socket in the folder answers as long as its process lives. Each listens
 * first and then asks the others, so of two that start together at least one sees the other and leaves.
 *
 * @throws StateError when another process has the folder
 */
export async function lockFolder(folder: string): Promise<Unlock> {
  const own = `.lock.${randomBytes(4).toString('hex')}`;
  const server = await listen(addressOf(folder, own));
  for (const other of readdirSync(folder).filter((name) => NAME.test(name) && name !== own)) {
    if (await answers(addressOf(folder, other))) {
      await close(server);
      throw new StateError(`another witness runs with the state folder ${folder}`);
    }
    rmSync(path.join(folder, other), { force: true });
  }
  return () => close(server);
}

/** Absolute or relative, whatever is shorter. */
function addressOf(folder: string, name: string): string {
  const absolute = path.resolve(folder, name);
  const relative = path.relative(process.cwd(), absolute);
  const address = relative.length < absolute.length ? relative : absolute;
  if (Buffer.byteLength(address) > PATH_BYTES_MAX) {
    throw new StateError(`the path of the state folder is too long for its lock, a socket: ${folder}`);
  }
  return address;
}

function listen(address: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).unref();
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new StateError(
          `the state folder cannot be locked (${cause.code ?? cause.message}): it must lie on a disk of this machine`,
          { cause },
        ),
      ),
    );
    server.listen(address, () => resolve(server));
  });
}

/** Also true for a process that is stopped: only when nobody is there the system refuses. */
function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
