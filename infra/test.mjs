// `npm test [unit|int|e2e|faults] [path filter …]`: the last line is `N passed, N failed, N skipped`.
import './node-version.mjs';

async function main() {
  const { step } = await import('./steps.mjs');
  const { prepare } = await import('./prepare.mjs');
  await prepare();
  const { runTests } = await import('../dist/infra/local/test-run.js');
  process.exitCode = await runTests(process.argv.slice(2), step);
}

main().catch((error) => {
  process.stderr.write(`${error.name === 'StartProblem' ? error.message : error.stack}\n`);
  process.stdout.write('0 passed, 1 failed, 0 skipped\n');
  process.exitCode = 1;
});
