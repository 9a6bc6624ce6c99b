import { setTimeout as sleep } from 'node:timers/promises';
import { publishedReports } from '../reports.js';
import { followLog } from './ours.js';
import type { PeerEvent, Setting } from './peer.js';
import { PEERS } from './peers.js';

// A process of its own for whoever writes and for whoever follows: prints one line of JSON.
const [task = '', name = '', url = '', ...numbers] = process.argv.slice(2);
const [from = 0, count = 0, concurrency = 1, perAppend = 1] = numbers.map(Number);
const peer = PEERS.find((one) => one.name === name);

/** Nothing came for so long: what has not come by then is lost. */
const QUIET_MS = 10_000;
/** After the last one was seen: one that comes twice may come late. */
const AFTERWARDS_MS = 1_000;

const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

if (task === 'write') say(await write({ concurrency, batch: perAppend }));
else say(await follow());
// Some of them leave connections open.
process.exit(0);

async function write(setting: Setting): Promise<{ seconds: number }> {
  if (peer === undefined) throw new Error(`no peer is called ${name}`);
  const shares = sharesOf(eventsFrom(from, count), setting.concurrency).map((events) =>
    batchesOf(events, setting.batch, peer.spansStreams),
  );
  const writer = await peer.writer(url, setting);
  const startedAt = performance.now();
  await Promise.all(
    shares.map(async (batches) => {
      for (const batch of batches) await writer.append(batch);
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  await writer.close();
  return { seconds };
}

/** The reports that ours gets as messages, each as an event of its incident. */
function eventsFrom(first: number, events: number): PeerEvent[] {
  const versions = new Map<string, number>();
  return [...publishedReports(first, events)].flat().map(({ value }) => {
    const { data } = JSON.parse(String(value)) as { data: { incident: { ref: string } } };
    const stream = data.incident.ref;
    const version = versions.get(stream) ?? 0;
    versions.set(stream, version + 1);
    return { stream, version, data };
  });
}

/** Divides events among writers so that a stream has one only, as keys divide them among partitions: none has to try again. */
function sharesOf(events: readonly PeerEvent[], writers: number): PeerEvent[][] {
  const shares: PeerEvent[][] = Array.from({ length: writers }, () => []);
  const writerOf = new Map<string, number>();
  for (const event of events) {
    const writer = writerOf.get(event.stream) ?? writerOf.size % writers;
    writerOf.set(event.stream, writer);
    shares[writer]?.push(event);
  }
  return shares;
}

function batchesOf(events: readonly PeerEvent[], size: number, spansStreams: boolean): PeerEvent[][] {
  const batches: PeerEvent[][] = [];
  for (const event of events) {
    const last = batches.at(-1);
    const fits = last !== undefined && last.length < size && (spansStreams || last[0]?.stream === event.stream);
    if (fits) last.push(event);
    else batches.push([event]);
  }
  return batches;
}

/** Until all were seen, or nothing comes any more. */
async function follow(): Promise<{ seen: number; ids: number } | { seen: null }> {
  const ids = new Set<string>();
  let seen = 0;
  let lastAt: number | null = null;
  const on = (id: string): void => {
    seen += 1;
    lastAt = performance.now();
    ids.add(id);
  };
  const stop = peer === undefined ? await followLog(url, on) : await peer.follow(url, on);
  if (stop === null) return { seen: null };
  process.stdout.write('{"ready":true}\n');
  const isQuiet = (): boolean => lastAt !== null && performance.now() - lastAt > QUIET_MS;
  while (ids.size < count && !isQuiet()) await sleep(50);
  await sleep(AFTERWARDS_MS);
  await stop();
  return { seen, ids: ids.size };
}
