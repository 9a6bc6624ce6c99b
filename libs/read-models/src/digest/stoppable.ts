import type { Pool } from 'pg';

interface Stoppable {
  pool: Pool;
  /** Of the connection that works. */
  pid: number;
  signal: AbortSignal | undefined;
}

/** A digest of a large table takes minutes: whoever is to end does not wait for it. */
export async function stoppable<T>({ pool, pid, signal }: Stoppable, work: () => Promise<T>): Promise<T> {
  const cancel = (): void => void pool.query('SELECT pg_cancel_backend($1)', [pid]).catch(() => undefined);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await work();
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
