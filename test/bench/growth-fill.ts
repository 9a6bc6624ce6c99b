import { createPool, migrate } from '#app/runtime';
import { checkGrown } from './growth-check.js';
import { growFigures } from './growth-figures.js';
import { type GrownName, type GrowthFolder, urlOfGrown } from './growth-folder.js';
import { growLog, makeLog } from './growth-log.js';
import { BLOCKS, GrownWorld } from './growth-world.js';

export interface Filling {
  folder: GrowthFolder;
  name: GrownName;
  events: number;
  /** Processes that write events. */
  writers: number;
  say: (text: string) => void;
}

/** Makes a database of so many events, unless the folder has it already; what was left half-way is made anew. */
export async function fill(server: string, filling: Filling): Promise<void> {
  const { folder, name, events, say } = filling;
  const { events: grown, published } = folder.read();
  const kept = grown[name];
  const url = urlOfGrown(server, name);
  if (kept === events) {
    // Kept by an earlier version, perhaps; and as it was grown, as long as nothing was recorded in it since.
    await migrate(url);
    if (published === 0) await checkGrown(url, new GrownWorld(events));
    return;
  }
  if (kept !== undefined) throw new Error(`${folder.folder} keeps ${kept} events as ${name}, not ${events}`);
  const startedAt = performance.now();
  await makeEmpty(server, name);
  const world = new GrownWorld(events);
  say(`${name}: ${world.size} reports in ${BLOCKS} blocks of ${world.blockSize} …`);
  await grow(url, world, filling);
  say(`${name}: vacuum, as autovacuum would have done it by now …`);
  const owner = createPool(url, { max: 1 });
  await owner.query('SET statement_timeout = 0');
  await owner.query('VACUUM (ANALYZE)');
  await owner.query('CHECKPOINT');
  await owner.end();
  await checkGrown(url, world);
  const state = folder.read();
  state.events[name] = events;
  state.seconds[name] = Math.round((performance.now() - startedAt) / 1000);
  folder.write(state);
  say(`${name}: grown in ${state.seconds[name]} s`);
}

async function makeEmpty(server: string, name: GrownName): Promise<void> {
  const admin = createPool(server, { max: 1 });
  await admin.query(`DROP DATABASE IF EXISTS growth_${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE growth_${name}`);
  await admin.end();
  await migrate(urlOfGrown(server, name));
}

/** Log and figures beside each other: the figures begin when their first block is in the log. */
async function grow(url: string, world: GrownWorld, { folder, name, events, writers, say }: Filling): Promise<void> {
  let begin = (): void => undefined;
  const firstBlock = new Promise<void>((resolve) => (begin = resolve));
  const progress = progressOf(world.size, (text) => {
    folder.checkRoom();
    say(`${name}: ${text}`);
  });
  const reached = (reports: number): void => {
    progress(reports);
    if (reports >= world.blockSize) begin();
  };
  const { keyFile } = folder;
  const createdAt = await makeLog({ url, keyFile });
  await Promise.all([
    growLog({ url, keyFile, events, size: world.size, writers, reached }, createdAt),
    growFigures({ url, world, createdAt, firstBlock, say: (text) => say(`${name}: ${text}`) }),
  ]);
}

const SPACING_MS = 5_000;

function progressOf(total: number, say: (text: string) => void): (done: number) => void {
  const startedAt = performance.now();
  let saidAt = startedAt;
  return (done) => {
    const now = performance.now();
    if (now - saidAt < SPACING_MS) return;
    saidAt = now;
    const rate = (done * 1000) / (now - startedAt);
    const left = Math.round((total - done) / rate / 60);
    say(`${done} of ${total} events in the log, ${Math.round(rate)}/s, ${left} min left`);
  };
}
