import { setTimeout as sleep } from 'node:timers/promises';
import { parseLeaf, streamEvents } from '#app/log';
import { createPool } from '#app/runtime';
import { countRows } from './installed.js';
import type { Stored } from './peer.js';

const POLL_MS = 20;

/** Follows our log by position, as every reader of it does. @returns to stop it */
export async function followLog(url: string, seen: (id: string) => void): Promise<() => Promise<void>> {
  const pool = createPool(url, { role: 'ledger_projector', max: 1 });
  const stopping = new AbortController();
  let after = -1;
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      for await (const page of streamEvents(pool, { after, type: 'ReportRecorded' })) {
        for (const { leaf, position } of page) {
          const event = parseLeaf(leaf);
          if (event.type === 'ReportRecorded') seen(event.data.report.reportId);
          after = position;
        }
      }
      await sleep(POLL_MS);
    }
  };
  const running = run();
  return async () => {
    stopping.abort();
    await running;
    await pool.end();
  };
}

export function storedInLog(url: string): Promise<Stored> {
  return countRows(url, {
    table: "(SELECT report_id FROM ledger.event WHERE type = 'ReportRecorded') AS reports",
    idOf: 'report_id',
  });
}
