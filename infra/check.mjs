// `npm run check [step …]`: everything that is checked without running the system. Every step runs; any that fails is named at the end.
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { say, step } from './steps.mjs';

/** @type {[name: string, hint: string, run: () => string | null | Promise<string | null>][]} */
const STEPS = [
  ['format', 'npm run format puts it right', () => tool('@biomejs/biome/bin/biome', 'format', '.')],
  ['types', '', () => tool('@typescript/native/bin/tsc', '--noEmit', '-p', 'tsconfig.json')],
  ['lint', '', () => tool('oxlint/bin/oxlint', '--type-aware', '--deny-warnings')],
  [
    'imports',
    'the table is in .dependency-cruiser.cjs',
    () =>
      tool(
        'dependency-cruiser/bin/dependency-cruise.mjs',
        '--config',
        '.dependency-cruiser.cjs',
        'apps',
        'libs',
        'infra',
        'test',
      ),
  ],
  ['dead code', '', () => tool('knip/bin/knip.js', '--no-progress')],
  ['database schema', '', schemaDump],
];

class CheckFailed extends Error {}

async function main() {
  const { prepare } = await import('./prepare.mjs');
  const { root } = await import('./build.mjs');
  process.chdir(root);
  // Packages only: a source that does not compile is to be told by the step `types`.
  await prepare({ build: false });
  const wanted = process.argv.slice(2);
  const failed = [];
  for (const [name, hint, run] of STEPS) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    try {
      await step(name, async () => {
        const output = await run();
        if (output !== null) throw new CheckFailed(output);
      });
    } catch (error) {
      if (!(error instanceof CheckFailed)) throw error;
      // The other steps still run: one look shows everything that is to be done.
      failed.push(hint ? `${name} (${hint})` : name);
      say(error.message);
    }
  }
  say(failed.length > 0 ? `Failed: ${failed.join(', ')}` : 'Everything checked.');
  process.exitCode = failed.length > 0 ? 1 : 0;
}

/** Null when all is well, else what the tool said. */
function tool(bin, ...args) {
  const run = spawnSync(process.execPath, [path.join('node_modules', bin), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return run.status === 0 ? null : `${run.error?.message ?? ''}${run.stdout}${run.stderr}`.trimEnd();
}

async function schemaDump() {
  const { build, isBuildNeeded } = await import('./build.mjs');
  if (isBuildNeeded()) build();
  const run = spawnSync(process.execPath, ['dist/infra/postgres/schema-check.js', '--check'], { encoding: 'utf8' });
  return run.status === 0 ? null : `${run.stdout}${run.stderr}`.trimEnd();
}

main().catch((error) => {
  process.stderr.write(`\n${error.name === 'StartProblem' ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
