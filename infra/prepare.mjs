// What must be there before any of our own code can run: the packages and the build.
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build, isBuildNeeded, root } from './build.mjs';
import { say, step } from './steps.mjs';

export async function prepare({ build: withBuild = true } = {}) {
  const missing = missingPackages();
  if (missing.length > 0) await step(`Installing packages (${describe(missing)})`, installPackages);
  if (withBuild && isBuildNeeded()) await step('Building', build);
}

/** Packages that package.json names and node_modules has not, or has in another version. */
function missingPackages() {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([name, version]) => installedVersion(name) !== version.replace(/^npm:.*@/, ''))
    .map(([name]) => name);
}

function installedVersion(name) {
  const file = path.join(root, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}

function describe(missing) {
  return missing.length > 3 ? `${missing.length} are missing` : `${missing.join(', ')} missing or of another version`;
}

/** `npm install` and not `npm ci`: a lock file made behind a partial mirror lacks other platforms, which ci refuses. */
function installPackages() {
  say('');
  // Some packages of the build tools ask for a newer Node in words and run on ours: a page of warnings would hide the rest.
  const args = ['install', '--no-audit', '--no-fund', '--loglevel', 'error'];
  const npm = process.env.npm_execpath; // set when npm started us: the same npm then
  const run = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (run.status !== 0) {
    const problem = new Error(
      'npm install failed (see above). Check the network or the registry in ~/.npmrc, and start again.',
    );
    problem.name = 'StartProblem';
    throw problem;
  }
}
