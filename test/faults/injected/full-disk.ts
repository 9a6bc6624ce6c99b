import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../../../infra/local/processes.js';
import { eventually } from '../../support/eventually.js';
import type { Fault } from '../fault.js';
import { fillDisk, freeDisk } from '../small-disk.js';

export const fullDisk: Fault = {
  name: 'full-disk',
  promise: 'a full disk stops the work and changes nothing that was recorded or published; with room again it goes on',
  cases: ['of-postgres', 'of-the-tiles'],
  short: 2,
  needsSmallDisks: true,
  inject: async (world, _random, { chosen, load }) => {
    const { postgres, postgresDisk } = world.servers;
    const disk = (chosen === 'of-postgres' ? postgresDisk : world.tilesDisk) ?? '';
    await sleep(500);
    fillDisk(disk);
    try {
      if (chosen === 'of-postgres') {
        // More than fits into the WAL that was set aside before.
        await load.burst(400);
        await sleep(3_000);
      } else {
        await load.burst(60);
        await eventually('the notary says so', () => /ENOSPC/u.test(world.app('notary').logs()));
      }
    } finally {
      freeDisk(disk);
    }
    const said = readFileSync(path.join(postgres.folder, 'log'), 'utf8').includes('No space left on device');
    if (chosen === 'of-postgres' && !said) throw new Error('PostgreSQL found room on the full disk');
    // A server that could not write its WAL has ended itself: that is the operator's start.
    const died = !isRunning(postgres.pid);
    if (died) await postgres.start();
    await sleep(500);
    return `every byte of the disk${died ? ', of which PostgreSQL died, and a start' : ''}`;
  },
};
