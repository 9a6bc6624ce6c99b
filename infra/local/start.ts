import { printFigures } from './figures.js';
import { isGoneWithin } from './processes.js';
import { Interrupted, LocalRun } from './local-run.js';
import { lockRun, runningStart } from './run-lock.js';
import { StartProblem } from './start-problem.js';
import { stopLeftApps } from './local-apps.js';
import type { Step } from './step.js';
import { stopLeftServers } from './left-servers.js';

/** npm passes Ctrl-C on although the terminal has sent it already: two within this time are one. */
const SAME_PRESS_MS = 1_500;

/** `npm start`: up, the samples in, and then in the foreground until Ctrl-C. Gives the exit code. */
export async function start(step: Step, say: (text: string) => void): Promise<number> {
  const began = performance.now();
  const unlock = lockRun();
  try {
    const run = new LocalRun(step, say);
    const stopped = onStopSignal(run, say);
    try {
      await run.start();
      if (!process.argv.includes('--no-samples')) {
        await run.publishSamples();
        await printFigures(run.url('query-api'), say);
      }
      printAddresses(run, say);
      say(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s. Ctrl-C stops everything.`);
      await stopped;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    } finally {
      await run.stop();
    }
    say('Everything is stopped. The data is kept; npm start finds it again.');
    return 0;
  } finally {
    unlock();
  }
}

/** `npm stop`: ends a start that runs in another terminal, or what a killed one has left. */
export async function stop(step: Step, say: (text: string) => void): Promise<number> {
  const running = runningStart();
  if (running !== null) {
    process.kill(running, 'SIGTERM');
    await step(`Stopping Conflict Ledger (process ${running})`, async () => {
      if (!(await isGoneWithin(running, 90_000)))
        throw new StartProblem(`Process ${running} does not end. Last resort: kill -9 ${running}`);
    });
    return 0;
  }
  const unlock = lockRun();
  try {
    const left = (await stopLeftApps()) + (await stopLeftServers());
    say(left > 0 ? `Stopped ${left} processes that a killed start had left.` : 'Nothing is running.');
    return 0;
  } finally {
    unlock();
  }
}

/** Resolves at the first signal. A later press of Ctrl-C gives up waiting: what is left is cleaned up by the next start. */
function onStopSignal(run: LocalRun, say: (text: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let first = 0;
    const onSignal = () => {
      if (first === 0) {
        first = Date.now();
        run.isInterrupted = true;
        say('\nStopping …');
        resolve();
      } else if (Date.now() - first > SAME_PRESS_MS) {
        say('Left as it is. npm stop (or the next npm start) cleans up.');
        process.exit(130);
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}

function printAddresses(run: LocalRun, say: (text: string) => void): void {
  say('');
  for (const [name, what] of [
    ['query-api', 'figures and incidents'],
    ['audit-api', 'the log, histories, rejections'],
    ['intake-api', 'reports and decisions in by HTTP'],
  ] as const) {
    say(`  ${what.padEnd(32)} ${run.url(name)}/docs`);
  }
  say(`  ${'signed checkpoint of the log'.padEnd(32)} ${run.url('audit-api')}/log/checkpoint`);
  for (const vkey of run.verifierKeys()) say(`  ${'its key'.padEnd(32)} ${vkey}`);
  say(`  ${'command line'.padEnd(32)} npx ledger status`);
  say(`  ${'logs of the apps'.padEnd(32)} .local/logs/`);
  say('');
}
