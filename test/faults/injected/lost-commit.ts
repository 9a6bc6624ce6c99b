import { eventually } from '../../support/eventually.js';
import type { AppName } from '../../support/processes.js';
import type { Fault } from '../fault.js';
import { PostgresProxy } from '../postgres-proxy.js';

const COMMITS = 4;

export const lostCommit: Fault = {
  name: 'lost-commit',
  promise: 'a transaction that was committed although nobody heard of it is not carried out again',
  cases: ['ingest', 'projector'],
  short: 1,
  inject: async (world, _random, { chosen }) => {
    const app = chosen as AppName;
    const proxy = await PostgresProxy.start(world.system.database.url);
    try {
      await world.restart(app, { DATABASE_URL: proxy.url });
      proxy.loseCommits(COMMITS);
      await eventually('the answers are lost', () => proxy.lost === COMMITS);
      return `${COMMITS} times the connection was cut after the commit, before its answer`;
    } finally {
      await world.restart(app);
      await proxy.close();
    }
  },
};
