import 'reflect-metadata';
import { listen, refuseOtherSchema, runMain } from '#app/http-edge';
import { keepHeapSmall, loadConfig } from '#app/runtime';
import { AuditApiConfig } from './audit-api.config.js';
import { createAuditApi } from './audit-api.js';

keepHeapSmall();
runMain(async () => {
  const config = loadConfig(AuditApiConfig);
  await refuseOtherSchema(config.DATABASE_URL, 'ledger_audit');
  await listen(await createAuditApi(config), config);
});
