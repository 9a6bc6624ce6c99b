import 'reflect-metadata';
import { TOPICS } from '#app/contract';
import { createHttpApp, listen, runMain } from '#app/http-edge';
import { loadConfig } from '#app/runtime';
import { IntakeApiConfig } from './intake-api.config.js';
import { IntakeApiModule } from './intake-api.module.js';
import { MessageSender } from './message-sender.js';
import { describeBodies } from './openapi.js';
import { BODY_BYTES_MAX } from './read-submission.js';

runMain(async () => {
  const config = loadConfig(IntakeApiConfig);
  const app = await createHttpApp(IntakeApiModule, {
    name: 'intake-api',
    title: 'Conflict Ledger: intake API',
    description:
      'Reports and decisions over HTTP, for those who do not speak Kafka. What is accepted here is on its topic.',
    config,
    rawBodyTypes: [
      'application/json',
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
      'application/x-ndjson',
    ],
    bodyLimit: BODY_BYTES_MAX,
    document: describeBodies,
    checks: (nest) => ({ kafka: () => nest.get(MessageSender).check([TOPICS.REPORTS, TOPICS.DECISIONS]) }),
  });
  await listen(app, config);
});
