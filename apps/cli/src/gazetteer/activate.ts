import { randomUUID } from 'node:crypto';
import { TOPICS, TYPES } from '#app/contract';
import { createProducer } from '#app/kafka';
import type { Environment } from '../environment.js';
import { unreachable } from '../exit-codes.js';
import { messageOf } from '../publishing/cloud-event.js';
import { broker } from '../publishing/connect.js';

/** CloudEvents `source` of decisions that this command line sends. */
const SOURCE = 'urn:conflict-ledger:cli';

/** Sends the decision to activate a boundary set through Kafka, as every decision goes. */
export async function activate(
  environment: Environment,
  { name, reason, by }: { name: string; reason: string; by: string },
): Promise<{ id: string; source: string; topic: string }> {
  const { kafka, brokers } = broker(environment);
  const id = randomUUID();
  const data = { kind: 'ACTIVATE_BOUNDARY_SET', name, reason, by };
  const message = messageOf({ id, source: SOURCE, type: TYPES.DECISION, data });
  try {
    const producer = await createProducer(kafka);
    await producer.send(TOPICS.DECISIONS, [message]).finally(() => producer.close());
  } catch (error) {
    throw unreachable(`Kafka at ${brokers}`, (error as Error).message);
  }
  return { id, source: SOURCE, topic: TOPICS.DECISIONS };
}
