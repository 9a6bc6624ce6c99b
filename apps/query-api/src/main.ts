import 'reflect-metadata';
import { listen, refuseOtherSchema, runMain } from '#app/http-edge';
import { keepHeapSmall, loadConfig } from '#app/runtime';
import { QueryApiConfig } from './query-api.config.js';
import { createQueryApi } from './query-api.js';

keepHeapSmall();
runMain(async () => {
  const config = loadConfig(QueryApiConfig);
  await refuseOtherSchema(config.DATABASE_URL, 'ledger_query');
  await listen(await createQueryApi(config), config);
});
