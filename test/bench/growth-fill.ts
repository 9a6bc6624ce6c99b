import { createPool, migrate } from '#app/runtime';
import { checkGrown } from './growth-check.js';
import { growFigures } from './growth-figures.js';
import { type GrownLog, type GrownName, type GrowthFolder, urlOfGrown } from './growth-folder.js';
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

/** Makes a database of so many events, unless the folder has it already; a log or figures left half-way are made anew. */
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
  const world = new GrownWorld(events);
  const log = await writeLog(server, world, filling);
  // Written by an earlier version, perhaps.
  await migrate(url);
  const startedAt = performance.now();
  await growFigures({ url, world, createdAt: log.createdAt, say: (text) => say(`${name}: ${text}`) });
  say(`${name}: vacuum, as autovacuum would have done it by now …`);
  const owner = createPool(url, { max: 1 });
  await owner.query('SET statement_timeout = 0');
  await owner.query('VACUUM (ANALYZE)');
  await owner.query('CHECKPOINT');
  await owner.end();
  await checkGrown(url, world);
  const state = folder.read();
  state.events[name] = events;
  state.seconds[name] = log.seconds + secondsSince(startedAt);
  folder.write(state);
  say(`${name}: grown in ${state.seconds[name]} s`);
}

/** Writes the log, unless the folder has it whole: then only the figures have to be made. */
async function writeLog(server: string, world: GrownWorld, filling: Filling): Promise<GrownLog> {
  const { folder, name, events, writers, say } = filling;
  const kept = folder.read().logs[name];
  if (kept?.events === events) return kept;
  const startedAt = performance.now();
  await makeEmpty(server, name);
  say(`${name}: ${world.size} reports in ${BLOCKS} blocks of ${world.blockSize} …`);
  const reached = progressOf(world.size, (text) => {
    folder.checkRoom();
    say(`${name}: ${text}`);
  });
  const { keyFile } = folder;
  const url = urlOfGrown(server, name);
  const createdAt = await makeLog({ url, keyFile });
  await growLog({ url, keyFile, events, size: world.size, writers, reached }, createdAt);
  const log = { events, createdAt, seconds: secondsSince(startedAt) };
  const state = folder.read();
  folder.write({ ...state, logs: { ...state.logs, [name]: log } });
  say(`${name}: the log is whole after ${log.seconds} s`);
  return log;
}

function secondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 1000);
}

async function makeEmpty(server: string, name: GrownName): Promise<void> {
  const admin = createPool(server, { max: 1 });
  await admin.query(`DROP DATABASE IF EXISTS growth_${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE growth_${name}`);
  await admin.end();
  await migrate(urlOfGrown(server, name));
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
