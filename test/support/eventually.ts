import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again until `probe` gives something truthy, and returns it. What the last attempt threw is the cause of the
 * error when the time is over.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  { timeoutMs = 30_000, everyMs = 40 } = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) throw new Error(`after ${timeoutMs} ms it is still not so that ${what}`, { cause });
    await sleep(everyMs);
  }
}
