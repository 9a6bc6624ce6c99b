import { setFlagsFromString } from 'node:v8';

/**
 * Keeps a process that streams short-lived values below 300 MiB. Call it first in `main`.
 *
 * Left alone, V8 lets what is already dead fill the old space to several times what is alive before it collects:
 * 370 MB were measured where 60 MB lived. This collects at 1.6 times.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=60');
}
