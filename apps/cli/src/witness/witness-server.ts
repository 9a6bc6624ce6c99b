import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cosigner } from './cosigner.js';
import type { WitnessLines } from './witness-lines.js';

interface Parts {
  cosigner: Cosigner;
  lines: WitnessLines;
  now: () => Date;
}

export interface Listening {
  url: string;
  /** Finishes the requests at hand. */
  close(): Promise<void>;
}

/** 63 hashes and more signatures than a verifier has to accept, the post-quantum ones included. */
const BODY_BYTES_MAX = 256 * 1024;
const CONNECTIONS_MAX = 256;
const REQUEST_MS = 10_000;
/** For the requests at hand when the witness is stopped. */
const CLOSE_MS = 3000;
/** Longer than the logs pause between two checkpoints. */
const KEEP_ALIVE_MS = 65_000;
const MONITORING = /^\/([0-9a-f]{64})\/checkpoint$/;
const TEXT = 'text/plain; charset=utf-8';

/** Serves C2SP tlog-witness; submission prefix and monitoring prefix are the same. Rejects when it cannot listen. */
export function startWitness(parts: Parts, { host, port }: { host: string; port: number }): Promise<Listening> {
  const server = createServer(
    {
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: 8192,
    },
    (request, response) => void answer(parts, request, response),
  );
  server.maxConnections = CONNECTIONS_MAX;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => resolve({ url: urlOf(server), close: () => close(server) }));
  });
}

async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const [path = ''] = (request.url ?? '').split('?');
    const monitored = MONITORING.exec(path)?.[1];
    if (path === '/add-checkpoint') await addCheckpoint(parts, request, response);
    else if (monitored === undefined) send(response, { status: 404, body: 'there is nothing here\n' });
    else latest(parts, { request, response, hash: monitored });
  } catch (error) {
    // Also for a client that has gone away in the middle of its request.
    if (!request.destroyed || request.complete) {
      parts.lines.failed(error);
      send(response, { status: 500, body: 'the witness cannot answer\n' });
    }
  }
}

async function addCheckpoint(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return send(response, { status: 405, body: 'POST\n', headers: { allow: 'POST' } });
  const body = await bodyOf(request);
  if (body === null) {
    return send(response, { status: 413, body: 'the request is too long\n', headers: { connection: 'close' } });
  }
  const outcome = await parts.cosigner.add(body, parts.now);
  parts.lines.tell(outcome);
  if (outcome.kind === 'COSIGNED') return send(response, { status: 200, body: outcome.body });
  const { status, body: sentence } = outcome.refusal;
  send(response, { status, body: sentence, ...(status === 409 ? { type: 'text/x.tlog.size' } : {}) });
}

function latest(
  { cosigner }: Parts,
  { request, response, hash }: { request: IncomingMessage; response: ServerResponse; hash: string },
): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return send(response, { status: 405, body: 'GET\n', headers: { allow: 'GET, HEAD' } });
  }
  const cosigned = cosigner.latest(hash);
  if (cosigned === null) return send(response, { status: 404, body: 'no checkpoint of this log was cosigned\n' });
  send(response, { status: 200, body: cosigned.note, headers: { 'cache-control': 'no-cache' } });
}

/** Null when it is longer than allowed; the rest is not read. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(
  response: ServerResponse,
  {
    status,
    body,
    type = TEXT,
    headers = {},
  }: { status: number; body: string; type?: string; headers?: Record<string, string> },
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-type': type, 'content-length': bytes.length }).end(bytes);
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** A connection that is kept alive becomes idle when its request is answered, and only then may go. */
function close(server: Server): Promise<void> {
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const late = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
  return new Promise((resolve) => {
    server.close(() => {
      clearInterval(idle);
      clearTimeout(late);
      resolve();
    });
  });
}
