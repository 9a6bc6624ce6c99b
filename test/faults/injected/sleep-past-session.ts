import { setTimeout as sleep } from 'node:timers/promises';
import type { AppName } from '../../support/processes.js';
import type { Fault } from '../fault.js';

/** Of ingest in its group (10 s), and of a transaction that does nothing (5 s), with some to spare. */
const SLEEP_MS: Record<string, number> = { ingest: 13_000, projector: 7_000, notary: 7_000, relay: 7_000 };

export const sleepPastSession: Fault = {
  name: 'sleep-past-session',
  promise: 'a process that wakes up after another one has taken its work records nothing twice and goes nowhere back',
  cases: ['ingest', 'projector', 'notary', 'relay'],
  inject: async (world, _random, { chosen, load }) => {
    const name = chosen as AppName;
    const sleeper = world.app(name);
    process.kill(sleeper.pid, 'SIGSTOP');
    const successor = await world.double(name);
    try {
      await load.burst(60);
      // A sleeper's lock goes with its connection, which the server cannot tell from a slow one: an operator ends it.
      await world.asAdmin((admin) =>
        admin.query(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid IN (SELECT pid FROM pg_locks WHERE locktype = $2)',
          [`ledger-${name}`, 'advisory'],
        ),
      );
      await sleep(SLEEP_MS[name]);
      await load.burst(60);
      const release = await load.hold();
      await world.settle();
      release();
    } finally {
      process.kill(sleeper.pid, 'SIGCONT');
    }
    await load.burst(60);
    await sleep(1_000);
    const code = await sleeper.stop();
    world.adopt(successor);
    if (code !== 0) throw new Error(`the sleeper ended with ${code}`);
    return `SIGSTOP for ${(SLEEP_MS[name] ?? 0) / 1000} s, a second process, SIGCONT`;
  },
};
