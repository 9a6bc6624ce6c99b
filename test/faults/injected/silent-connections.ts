import { setTimeout as sleep } from 'node:timers/promises';
import type { AppName } from '../../support/processes.js';
import type { Fault } from '../fault.js';
import { PostgresProxy } from '../postgres-proxy.js';

export const silentConnections: Fault = {
  name: 'silent-connections',
  promise: 'connections that a firewall has forgotten are given up, and the work goes on over new ones',
  cases: ['ingest', 'projector', 'relay', 'notary'],
  inject: async (world, _random, { chosen, load }) => {
    const app = chosen as AppName;
    const proxy = await PostgresProxy.start(world.system.database.url);
    try {
      await world.restart(app, { DATABASE_URL: proxy.url });
      await sleep(1_000);
      proxy.silence();
      await load.burst(20);
      const release = await load.hold();
      await world.settle(120_000);
      release();
      return 'every open connection to PostgreSQL went silent, without an end';
    } finally {
      await world.restart(app);
      await proxy.close();
    }
  },
};
