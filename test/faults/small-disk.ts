import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { runFolder } from '../support/run-folder.js';

/** Mounts an empty disk of so many MB, all of it in memory. False where that is not allowed. */
export function mountSmallDisk(folder: string, megabytes: number): boolean {
  mkdirSync(folder, { recursive: true });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'ledger-test', folder]);
  return status === 0;
}

export function canMountSmallDisks(): boolean {
  const folder = mkdtempSync(path.join(runFolder(), 'disk-'));
  const isMounted = mountSmallDisk(folder, 1);
  if (isMounted) spawnSync('umount', [folder]);
  return isMounted;
}

const FILLER = 'filler';

/** Takes every byte that is left. */
export function fillDisk(folder: string): void {
  const file = openSync(path.join(folder, FILLER), 'a');
  // Ever smaller pieces, so that not one page is left at the end.
  for (const size of [1 << 20, 4096, 1]) {
    const piece = Buffer.alloc(size, 1);
    for (;;) {
      try {
        if (writeSync(file, piece) < size) break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        break;
      }
    }
  }
  closeSync(file);
}

export function freeDisk(folder: string): void {
  rmSync(path.join(folder, FILLER), { force: true });
}
