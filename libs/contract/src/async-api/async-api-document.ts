import { EVENT_TYPES } from '#app/domain';
import { jsonSchemas } from '../schema/generate.js';
import { TOPICS, TYPES, typeAllowedOn } from '../topics.js';
import { BINDING, inbound, recorded, ref, REJECTED_MESSAGE, REJECTION_NOTICE, SCHEMAS } from './messages.js';
import { RECORDED_EVENT } from './recorded-event.js';

interface Channel {
  name: string;
  topic: string;
  title: string;
  description: string;
  /** What the ledger does on it. */
  action: 'send' | 'receive';
  operation: string;
  messages: Record<string, object>;
}

function channels(): Channel[] {
  const types = Object.values(TYPES);
  const on = (topic: string): Record<string, object> =>
    Object.assign({}, ...types.filter((type) => typeAllowedOn(topic, type)).map(inbound)) as Record<string, object>;
  return [
    {
      name: 'reports',
      topic: TOPICS.REPORTS,
      title: 'What publishers report',
      description:
        'Each message becomes exactly one recorded event, or a rejection; the identity is (source, id). A publisher may be given a topic of his own, conflict.reports.v1.<name>, of the same kind.',
      action: 'receive',
      operation: 'recordReports',
      messages: on(TOPICS.REPORTS),
    },
    {
      name: 'decisions',
      topic: TOPICS.DECISIONS,
      title: 'What stewards decide',
      description: 'Has an ACL of its own: whoever may publish reports must not be able to decide.',
      action: 'receive',
      operation: 'recordDecisions',
      messages: on(TOPICS.DECISIONS),
    },
    {
      name: 'rejected',
      topic: TOPICS.REJECTED,
      title: 'What was refused',
      description: 'A notice per refused message, at least once. The message itself is kept, encrypted, for a requeue.',
      action: 'send',
      operation: 'tellRejections',
      messages: { rejected: REJECTED_MESSAGE },
    },
    {
      name: 'events',
      topic: TOPICS.EVENTS,
      title: 'What was recorded',
      description:
        'Every event of the log from its beginning, at least once, in order per key. A receiver that remembers the highest position per key and drops what is not above it sees each once.',
      action: 'send',
      operation: 'relayEvents',
      messages: Object.assign({}, ...EVENT_TYPES.map(recorded)) as Record<string, object>,
    },
  ];
}

/**
 * The AsyncAPI 3 document of all topics (contract §2), from the declarations that messages are validated with. It
 * describes the ledger: it receives reports and decisions, and sends notices and events.
 */
export function asyncApiDocument(): Record<string, unknown> {
  const all = channels();
  const channelRef = ({ name }: Channel): object => ref(`#/channels/${name}`);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Conflict Ledger',
      version: '1',
      description: 'System of record for armed-conflict incidents: CloudEvents 1.0 over Apache Kafka, in and out.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      all.map(({ name, topic, title, description, messages }) => [
        name,
        {
          address: topic,
          title,
          description,
          messages: Object.fromEntries(Object.keys(messages).map((key) => [key, ref(`#/components/messages/${key}`)])),
          bindings: { kafka: { topic, bindingVersion: BINDING } },
        },
      ]),
    ),
    operations: Object.fromEntries(
      all.map((channel) => [
        channel.operation,
        {
          action: channel.action,
          channel: channelRef(channel),
          title: channel.title,
          messages: Object.keys(channel.messages).map((key) => ref(`#/channels/${channel.name}/messages/${key}`)),
        },
      ]),
    ),
    components: {
      messages: Object.assign({}, ...all.map(({ messages }) => messages)) as Record<string, object>,
      schemas: { ...jsonSchemas(SCHEMAS), RecordedEvent: RECORDED_EVENT, RejectionNotice: REJECTION_NOTICE },
    },
  };
}
