const FIRST_MS = 100;
const LONGEST_MS = 15_000;

/**
 * How long to wait before attempt `attempt` + 1: doubling from 0.1 s to 15 s, half of it at random, so that processes
 * that failed together do not come back together.
 */
export function backOffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 20));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}
