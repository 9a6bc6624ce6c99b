import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot } from '#app/runtime';
import { ledger } from '../../support/ledger-cli.js';
import { between, type Fault } from '../fault.js';
import type { World } from '../world.js';

const KILLS = 3;

export const rebuildKilled: Fault = {
  name: 'rebuild-killed',
  promise:
    'a rebuild that is killed half-way changes no answer; the next one goes on, and its figures equal the live ones',
  short: 1,
  inject: async (world, random) => {
    let halfway = 0;
    for (let kills = 0; kills < KILLS; kills += 1) halfway += (await killOne(world, between(random, 0, 150))) ? 1 : 0;
    const { code, stdout, stderr } = await ledger(['rebuild'], world.system.env);
    if (code !== 0 || !stdout.includes('equal to the live figures')) throw new Error(`${code}: ${stdout}${stderr}`);
    return `${KILLS} rebuilds killed, ${halfway} of them with tables half-filled, and one to the end`;
  },
};

/** @returns whether it left tables behind */
async function killOne(world: World, afterMs: number): Promise<boolean> {
  const program = path.join(repositoryRoot(), 'apps', 'cli', 'bin', 'ledger.js');
  const child = spawn(process.execPath, [program, 'rebuild'], {
    env: { ...process.env, ...world.system.env },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const isBuilding = async (): Promise<boolean> =>
    (await world.pool.query("SELECT FROM read_model.generation WHERE status = 'BUILDING'")).rowCount === 1;
  while (child.exitCode === null && !(await isBuilding())) await sleep(5);
  await sleep(afterMs);
  child.kill('SIGKILL');
  await ended;
  return isBuilding();
}
