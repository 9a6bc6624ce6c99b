import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const METADATA = 3;
const VERSION = 4;
const CORRELATION = 7;

/** The broker opens its port before it serves: only an answered metadata request that lists a broker says it is ready. */
export async function waitForBroker(address: string, timeoutMs: number, isAlive: () => boolean): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline && isAlive()) {
    if (await isServing(address)) return true;
    await sleep(60);
  }
  return false;
}

/** One address of KAFKA_BROKERS, `host:port`. */
export async function isServing(address: string): Promise<boolean> {
  try {
    const answer = await ask(address, metadataRequest());
    // length, correlation id, throttle time, number of brokers
    return answer.readInt32BE(4) === CORRELATION && answer.readInt32BE(12) > 0;
  } catch {
    return false;
  }
}

/** Asks for no topic: brokers only. */
function metadataRequest(): Buffer {
  const client = Buffer.from('conflict-ledger-start');
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length + 4 + 1);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(METADATA, 4);
  request.writeInt16BE(VERSION, 6);
  request.writeInt32BE(CORRELATION, 8);
  request.writeInt16BE(client.length, 12);
  client.copy(request, 14);
  request.writeInt32BE(0, 14 + client.length);
  return request;
}

function ask(address: string, request: Buffer): Promise<Buffer> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replaceAll(/[[\]]/g, '');
  return new Promise((resolve, reject) => {
    const socket: Socket = createConnection({ host, port: Number(address.slice(colon + 1)) });
    let answer = Buffer.alloc(0);
    const settle = (act: () => void) => {
      socket.destroy();
      act();
    };
    socket.setTimeout(2_000, () => settle(() => reject(new Error('no answer in time'))));
    socket.once('error', (error) => settle(() => reject(error)));
    socket.once('close', () => reject(new Error('closed without an answer')));
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= 16 && answer.length >= answer.readInt32BE(0) + 4) settle(() => resolve(answer));
    });
  });
}
