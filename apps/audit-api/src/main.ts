import 'reflect-metadata';
import pg from 'pg';
import { createHttpApp, listen, runMain } from '#app/http-edge';
import { loadConfig } from '#app/runtime';
import { AuditApiConfig } from './audit-api.config.js';
import { AuditApiModule } from './audit-api.module.js';
import { describeBodies } from './openapi.js';

runMain(async () => {
  const config = loadConfig(AuditApiConfig);
  const app = await createHttpApp(AuditApiModule, {
    name: 'audit-api',
    title: 'Conflict Ledger: audit API',
    description:
      'The log itself: events with their verbatim leaves, the history of incidents, the fate of every message, replays.',
    config,
    document: describeBodies,
    checks: (nest) => ({
      database: async () => {
        await nest.get(pg.Pool).query('SELECT 1 FROM ledger.head');
      },
    }),
  });
  await listen(app, config);
});
