export { backOffMs } from './back-off.js';
export { connectKafka, type Kafka, KafkaSettings } from './connection.js';
export { clusterId, ensureTopics, readTopics, type TopicSpec, topicsOfOneReplica } from './topics.js';
export { createProducer, type OutgoingMessage, type Producer, type SentTo } from './producer.js';
export { partitionCount, partitionOf } from './partition-of.js';
export { type BatchOutcome, type DeliveryGap, type KafkaBatch, type KafkaRecord } from './batch.js';
export { type PartitionCursor, type PartitionCursors, type PartitionKey } from './cursors.js';
export { KafkaBatchStrategy, type KafkaBatchOptions, type KafkaHealth } from './kafka-batch.strategy.js';
