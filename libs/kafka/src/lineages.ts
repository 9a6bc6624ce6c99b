import type { Logger } from 'pino';
import type { Kafka } from './connection.js';
import type { Lineage } from './lineage.js';
import { type ClientRequest, epochEndRequest, METADATA, type ToldTopic, topicRequest } from './lineage-requests.js';

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
 * Which log each partition is now. The client asks neither for ids of topics nor for epochs, so its connection is used for two
 * requests of our own.
 */
export class Lineages {
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
   * As the leader of the partition knows it: what that broker answered to a fetch before is of this log or of one that is gone.
   * Another broker may not have heard yet that the topic was made anew.
   *
   * @throws when the topic is not there, or nobody leads the partition
   */
  async of(topic: string, partition: number): Promise<Lineage> {
    return (await this.askLeader(topic, partition)).lineage;
  }

  /**
   * Where that which was written up to an epoch ends in the log as it is now: before the cursor, if the log was cut off there.
   * @returns null when the broker does not know
   */
  async endOf(topic: string, partition: number, epoch: number): Promise<number | null> {
    const { broker } = await this.askLeader(topic, partition);
    const end = await broker.connectionPool.send(epochEndRequest(topic, partition, epoch));
    return end < 0 ? null : end;
  }

  private async askLeader(topic: string, partition: number): Promise<{ broker: ClientBroker; lineage: Lineage }> {
    const name = `${topic}/${partition}`;
    let nodeId = this.leaders.get(name) ?? Number(this.cluster.getNodeIds()[0]);
    // Remembered again when it answers: a broker that is gone must not be asked for ever.
    this.leaders.delete(name);
    for (let asked = 0; asked < BROKERS_TO_ASK; asked++) {
      const broker = await this.cluster.findBroker({ nodeId });
      const newest = broker.versions[METADATA.apiKey]?.maxVersion ?? 0;
      if (newest < METADATA.apiVersion) return { broker, lineage: this.untold() };
      const { errorCode, topicId, partitions } = await this.tell(topic, nodeId, broker);
      const { leader, epoch } = partitions.get(partition) ?? { leader: -1, epoch: -1 };
      if (errorCode !== 0 || leader < 0) throw new Error(`${name} is not there (the broker says ${errorCode})`);
      if (leader === nodeId) {
        this.leaders.set(name, leader);
        return { broker, lineage: topicId === null ? this.untold() : { topicId, epoch: epoch < 0 ? null : epoch } };
      }
      nodeId = leader;
    }
    throw new Error(`${name} has another leader whenever one asks`);
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

  private untold(): Lineage {
    if (!this.isUntold) this.logger.warn('this Kafka does not tell ids of topics: one made anew may go unnoticed');
    this.isUntold = true;
    return { topicId: null, epoch: null };
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
