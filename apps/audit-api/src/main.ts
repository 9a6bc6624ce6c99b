import 'reflect-metadata';
import { listen, runMain } from '#app/http-edge';
import { loadConfig } from '#app/runtime';
import { AuditApiConfig } from './audit-api.config.js';
import { createAuditApi } from './audit-api.js';

runMain(async () => {
  const config = loadConfig(AuditApiConfig);
  await listen(await createAuditApi(config), config);
});
