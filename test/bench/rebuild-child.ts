import { readEvents } from '#app/log';
import { rebuild } from '#app/read-models';
import { createPool } from '#app/runtime';
import { peakMemoryMiB } from './machine.js';

// A process of its own for each of the two, so that its memory is its own: prints one line of JSON.
const PAGE = 5_000;
const [task, databaseUrl = ''] = process.argv.slice(2);
const startedAt = performance.now();
let events = 0;

if (task === 'rebuild') {
  const pool = createPool(databaseUrl, { role: 'ledger_projector', max: 5, applicationName: 'bench rebuild' });
  events = (await rebuild({ pool, fresh: true })).events;
  await pool.end();
} else {
  const pool = createPool(databaseUrl, { role: 'ledger_projector', max: 1, applicationName: 'bench read' });
  for (let after = -1; ; ) {
    const rows = await readEvents(pool, { after, limit: PAGE });
    for (const { leaf } of rows) if ((JSON.parse(leaf) as { position: number }).position >= 0) events++;
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.position;
  }
  await pool.end();
}
const seconds = (performance.now() - startedAt) / 1000;
process.stdout.write(`${JSON.stringify({ events, seconds, peakMiB: peakMemoryMiB(process.pid) })}\n`);
