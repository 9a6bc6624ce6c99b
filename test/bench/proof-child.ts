import { setTimeout as sleep } from 'node:timers/promises';
import { findHead } from '#app/log';
import { createPool } from '#app/runtime';
import { decodeBundle, leafHash, TreeEdge } from '#app/transparency';
import { Notary } from '../../apps/notary/src/notary.js';
import { readLeaves } from '../../apps/notary/src/read-leaves.js';
import { testNotary } from '../support/notary.js';
import { peakMemoryMiB } from './machine.js';

// A process of its own for each of the two, so that its memory is its own: prints one line of JSON.
const [task, url = '', folder = '', keyFile = ''] = process.argv.slice(2);
const pool = createPool(url, { role: 'ledger_notary', max: 2, applicationName: `bench ${task}` });
const leaves = ((await findHead(pool))?.position ?? -1) + 1;
const measured = task === 'notary' ? await publish() : await hashAlone();
await pool.end();
const outcome = { leaves, ...measured, peakMiB: peakMemoryMiB(process.pid) };
process.stdout.write(`${JSON.stringify(outcome)}\n`);

/**
 * From the first look at the database to the published checkpoint of the whole log, as the notary works; less the time that it
 * waits at the end until the next checkpoint is due.
 */
async function publish(): Promise<Took> {
  const made = testNotary({ url, folder, keyFile, parts: () => ({ intervalMs: 1000 }) });
  const stop = startClock();
  const notary = await Notary.open(made.parts);
  if (notary === null) throw new Error('there is no log');
  let waited = 0;
  do {
    const pauseMs = await notary.turn();
    const from = performance.now();
    await sleep(pauseMs);
    if (pauseMs > 0) waited += performance.now() - from;
  } while (notary.size !== leaves);
  const took = stop(waited);
  await made.close();
  return took;
}

/** The hashes of the same leaves and of the tree above them, from memory. */
async function hashAlone(): Promise<Took> {
  const all: Buffer[] = [];
  for await (const { from, to, bundle } of readLeaves(pool, { from: 0, to: leaves })) {
    all.push(...decodeBundle(Buffer.concat(bundle), to - from));
  }
  const edge = new TreeEdge();
  const stop = startClock();
  for (const leaf of all) edge.append(leafHash(leaf));
  edge.root();
  return stop();
}

interface Took {
  seconds: number;
  /** Of all threads of this process; of its work alone, since to start costs as much as some 100,000 leaves. */
  cpuSeconds: number;
}

/** @returns what ends the measurement; `lessMs` were spent waiting for nothing */
function startClock(): (lessMs?: number) => Took {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  return (lessMs = 0) => {
    const seconds = (performance.now() - startedAt - lessMs) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { seconds, cpuSeconds: (user + system) / 1e6 };
  };
}
