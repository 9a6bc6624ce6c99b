import { makeTopics } from './local/topics.js';

/** `node dist/infra/make-topics.js`: makes the missing topics on KAFKA_BROKERS, for deployments. */
const made = await makeTopics(process.env, (text) => process.stderr.write(`${text}\n`));
process.stdout.write(`${made.length} topics made\n`);
