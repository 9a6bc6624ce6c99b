import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';

/** LogCreated and the activations, which no report caused. */
export const SYSTEM_EVENTS = 4;

/** One past the last position of the log. */
export async function logSize(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ size: string }>('SELECT next_position AS size FROM ledger.head');
  return Number(rows[0]?.size ?? 0);
}

/** The last position in the live figures. */
export async function projectedPosition(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ position: string }>(
    "SELECT position FROM read_model.generation WHERE status = 'LIVE'",
  );
  return Number(rows[0]?.position ?? -1);
}

/** Polls until `read` reaches `target`; resolves with the moment at which that was seen (performance.now()). */
export async function reached(
  read: () => Promise<number>,
  target: number,
  { timeoutMs, everyMs = 20 }: { timeoutMs: number; everyMs?: number },
): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    const now = performance.now();
    if (value >= target) return now;
    if (now > deadline) throw new Error(`stuck at ${value} of ${target} after ${timeoutMs} ms`);
    await sleep(everyMs);
  }
}
