// `npm start` and `npm stop`. What needs the packages is imported only after they are there.
import './node-version.mjs';

async function main() {
  const { say, step } = await import('./steps.mjs');
  const isStop = process.argv.includes('--stop');
  if (process.platform === 'win32')
    throw Object.assign(
      new Error('A local run needs Linux or macOS; on Windows use WSL or Docker (docker compose up).'),
      { name: 'StartProblem' },
    );
  const { prepare } = await import('./prepare.mjs');
  await prepare();
  const local = await import('../dist/infra/local/start.js');
  // Timers and sockets of clients must not keep a stopped run alive.
  process.exit(await (isStop ? local.stop(step, say) : local.start(step, say)));
}

main().catch((error) => {
  process.stderr.write(`\n${error.name === 'StartProblem' ? error.message : error.stack}\n`);
  process.exit(1);
});
