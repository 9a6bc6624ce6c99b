// `npm run bench [-- --reports N]`: builds, then runs test/bench on a broker and a database of its own; with `--reading` what
// is about reading figures alone, with `--proof` what is about publishing the log and checking it, with `--peers` ingest
// beside other event stores, with `--growth` a long log beside a short one, with `--scale` several processes and several logs.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build, isBuildNeeded, root } from './build.mjs';

if (isBuildNeeded()) build();
const has = (name) => process.argv.includes(name);
const programs = {
  '--reading': 'reading-run.js',
  '--proof': 'proof-run.js',
  '--peers': 'peers/peers-run.js',
  '--growth': 'growth-run.js',
  '--scale': 'scale-run.js',
};
const program = Object.entries(programs).find(([option]) => has(option))?.[1] ?? 'run.js';
const bench = path.join(root, 'dist', 'test', 'bench', program);
const { status } = spawnSync(process.execPath, [bench, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
