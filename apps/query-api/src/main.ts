import 'reflect-metadata';
import { listen, runMain } from '#app/http-edge';
import { loadConfig } from '#app/runtime';
import { QueryApiConfig } from './query-api.config.js';
import { createQueryApi } from './query-api.js';

runMain(async () => {
  const config = loadConfig(QueryApiConfig);
  await listen(await createQueryApi(config), config);
});
