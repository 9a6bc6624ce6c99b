import type { Logger } from 'pino';
import type { Kafka } from './connection.js';
import { type ClientRequest, METADATA, type ToldTopic, topicRequest } from './topic-request.js';

/** Of the client's own classes, which its types do not name. */
interface ClientBroker {
  versions: Record<number, { maxVersion: number } | undefined>;
  connectionPool: { send<T>(request: ClientRequest<T>): Promise<T> };
}
interface ClientCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  getNodeIds(): string[];
  findBroker(of: { nodeId: number }): Promise<ClientBroker>;
}

/** A symbol that the client's factory carries; ours is pinned to the version that has it. */
const CREATE_CLUSTER = 'private:Kafka:createCluster';
/** A leader that moves is found at the second broker; one that moves all the time, at the next attempt. */
const BROKERS_TO_ASK = 3;

/**
 * The ids of topics. A topic that is deleted and made again under its name has another one, which tells them apart whatever their
 * offsets are. The client does not ask for ids, so its connection is used for a request of our own.
 */
export class TopicIds {
  private readonly cluster: ClientCluster;
  private readonly leaders = new Map<string, number>();
  private readonly asking = new Map<string, Promise<ToldTopic>>();
  private isUntold = false;

  constructor(
    kafka: Kafka,
    private readonly logger: Logger,
  ) {
    this.cluster = clusterOf(kafka);
  }

  async connect(): Promise<void> {
    await this.cluster.connect();
    await this.cluster.refreshMetadata();
  }

  close(): Promise<void> {
    return this.cluster.disconnect();
  }

  /**
   * The id of the topic as the leader of the partition knows it: what that broker answered to a fetch before is of this topic or
   * of one that is gone. Another broker may not have heard yet that the topic was made anew.
   *
   * @returns null when the broker does not tell ids (Kafka before 2.8)
   * @throws when the topic is not there, or nobody leads the partition
   */
  async idOf(topic: string, partition: number): Promise<string | null> {
    const name = `${topic}/${partition}`;
    const asked = this.leaders.get(name) ?? Number(this.cluster.getNodeIds()[0]);
    // Remembered again by whoever answers: a broker that is gone must not be asked for ever.
    this.leaders.delete(name);
    return this.ask(name, { topic, partition }, asked);
  }

  private async ask(
    name: string,
    of: { topic: string; partition: number },
    nodeId: number,
    left = BROKERS_TO_ASK,
  ): Promise<string | null> {
    if (left === 0) throw new Error(`${name} has another leader whenever one asks`);
    const broker = await this.cluster.findBroker({ nodeId });
    if ((broker.versions[METADATA.apiKey]?.maxVersion ?? 0) < METADATA.apiVersion) return this.untold();
    const { errorCode, topicId, leaders } = await this.tell(of.topic, nodeId, broker);
    const leader = leaders.get(of.partition) ?? -1;
    if (errorCode !== 0 || leader < 0) throw new Error(`${name} is not there (the broker says ${errorCode})`);
    if (leader !== nodeId) return this.ask(name, of, leader, left - 1);
    this.leaders.set(name, leader);
    return topicId ?? this.untold();
  }

  /** One request for all who ask in the same turn: the partitions that one fetch brought. It is sent when all have asked. */
  private tell(topic: string, nodeId: number, { connectionPool }: ClientBroker): Promise<ToldTopic> {
    const name = `${nodeId}/${topic}`;
    const asking =
      this.asking.get(name) ??
      Promise.resolve().then(() => {
        this.asking.delete(name);
        return connectionPool.send(topicRequest(topic));
      });
    this.asking.set(name, asking);
    return asking;
  }

  private untold(): null {
    if (!this.isUntold) this.logger.warn('this Kafka does not tell ids of topics: one made anew may go unnoticed');
    this.isUntold = true;
    return null;
  }
}

/** With the addresses, TLS and SASL of the client. */
function clusterOf(kafka: Kafka): ClientCluster {
  const members = kafka as unknown as Record<symbol, ((options: object) => ClientCluster) | undefined>;
  const name = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER);
  const createCluster = name === undefined ? undefined : members[name];
  if (createCluster === undefined) throw new Error(`this version of kafkajs has no ${CREATE_CLUSTER}`);
  return createCluster({ allowAutoTopicCreation: false });
}
