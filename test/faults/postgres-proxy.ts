import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A simple query `COMMIT` and the answer that it has gone through, as they are on the wire. */
const COMMIT = Buffer.from('Q\0\0\0\u000bCOMMIT\0', 'latin1');
const COMMITTED = Buffer.from('C\0\0\0\u000bCOMMIT\0', 'latin1');

/** Stands between an app and PostgreSQL and loses what it is told to lose. */
export class PostgresProxy {
  #commitsToLose = 0;
  /** Answers to COMMIT that never arrived. */
  lost = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.join(client));

  private constructor(private readonly target: URL) {}

  /** @param databaseUrl of the server behind it */
  static async start(databaseUrl: string): Promise<PostgresProxy> {
    const proxy = new PostgresProxy(new URL(databaseUrl));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** For DATABASE_URL. */
  get url(): string {
    const url = new URL(this.target);
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  /** Of the next so many transactions the commit goes through, and the connection is cut instead of the answer. */
  loseCommits(count: number): void {
    this.#commitsToLose = count;
  }

  /** The connections that exist are silent from now on, for ever; nobody is told. New ones work. */
  silence(): void {
    for (const socket of this.#sockets) socket.removeAllListeners('data').resume();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  private join(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    let isLosing = false;
    const cut = (): void => {
      client.resetAndDestroy();
      server.destroy();
    };
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (this.#commitsToLose > 0 && chunk.includes(COMMIT)) {
        this.#commitsToLose -= 1;
        isLosing = true;
      }
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (!isLosing) client.write(chunk);
      else if (chunk.includes(COMMITTED)) {
        this.lost += 1;
        cut();
      }
    });
  }
}
