// `npm run build`: TypeScript to dist/, with TypeScript 7 (under two seconds) and nothing left of deleted sources.
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const stampFile = path.join(dist, '.sources');
const configs = ['tsconfig.json', 'tsconfig.build.json', 'package.json'];

/** False when dist/ is the build of the sources as they are now. */
export function isBuildNeeded() {
  return !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== sourcesDigest();
}

/** Throws with the compiler's words when a source does not compile; dist/ then stays as it was. */
export function build() {
  const digest = sourcesDigest();
  rmSync(stampFile, { force: true });
  const compiler = path.join(root, 'node_modules/@typescript/native/bin/tsc');
  const run = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`The sources do not compile:\n${run.stdout}${run.stderr}`);
  const removed = removeStale(dist);
  writeFileSync(stampFile, digest);
  return removed ? `${removed} files of deleted sources removed` : '';
}

/** Only what the compiler made can be removed: .js and .js.map whose source is gone, and folders that are empty then. */
function removeStale(folder) {
  let removed = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      removed += removeStale(file);
      if (readdirSync(file).length === 0) rmdirSync(file);
    } else if (/\.js(\.map)?$/.test(entry.name) && !existsSync(sourceOf(file))) {
      rmSync(file, { force: true });
      removed++;
    }
  }
  return removed;
}

function sourceOf(file) {
  return path.join(root, path.relative(dist, file)).replace(/\.js(\.map)?$/, '.ts');
}

/** Names, sizes and times: what a change alters, without reading 300 files. */
function sourcesDigest() {
  const hash = createHash('sha256').update(process.version);
  for (const config of configs) hash.update(readFileSync(path.join(root, config)));
  for (const folder of ['apps', 'libs', 'infra', 'test']) addFolder(path.join(root, folder), hash);
  return hash.digest('hex');
}

function addFolder(folder, hash) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) addFolder(file, hash);
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts')) {
      const { size, mtimeMs } = statSync(file);
      hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    build();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
