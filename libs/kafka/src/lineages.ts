import type { Logger } from 'pino';
import type { Kafka } from './connection.js';
import { isOlder, type Lineage } from './lineage.js';
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
interface Asked {
  broker: ClientBroker;
  /** Whom the broker holds to be the leader. */
  leader: number;
  lineage: Lineage;
}

/** A symbol that the client's factory carries; ours is pinned to the version that has it. */
const CREATE_CLUSTER = 'private:Kafka:createCluster';
const UNTOLD: Lineage = { topicId: null, epoch: null };

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
   * Another broker may not have heard yet that the topic was made anew, and one that slept may not have heard that it leads no more.
   *
   * @param known what was told before: an older epoch is believed only if all brokers say so
   * @throws when the topic is not there, or nobody leads the partition
   */
  async of(topic: string, partition: number, known: Lineage = UNTOLD): Promise<Lineage> {
    return (await this.askLeader(topic, partition, known)).lineage;
  }

  /**
   * Where that which was written up to an epoch ends in the log as it is now: before the cursor, if the log was cut off there.
   * @param known as in `of`
   * @returns null when the broker does not know
   */
  async endOf(topic: string, partition: number, epoch: number, known: Lineage = UNTOLD): Promise<number | null> {
    const { broker, lineage } = await this.askLeader(topic, partition, known);
    const end = await broker.connectionPool.send(epochEndRequest(topic, partition, { epoch, leads: lineage.epoch }));
    return end < 0 ? null : end;
  }

  /** Asks one broker after the other until one says that it leads, and knows no less than `known`. */
  private async askLeader(topic: string, partition: number, known: Lineage): Promise<Asked> {
    const name = `${topic}/${partition}`;
    const asked = new Set<number>();
    let outdated: Asked | null = null;
    let isDenied = false;
    let unreached: Error | null = null;
    let nodeId: number | undefined = this.leaders.get(name) ?? this.unasked(asked);
    // Remembered again when it answers: a broker that is gone must not be asked for ever.
    this.leaders.delete(name);
    while (nodeId !== undefined) {
      asked.add(nodeId);
      let leader: number | undefined;
      try {
        const told = await this.askBroker(topic, partition, nodeId);
        const isOld = isOlder(told.lineage, known);
        if (told.leader === nodeId && !isOld) {
          this.leaders.set(name, nodeId);
          return told;
        }
        if (told.leader === nodeId) outdated = told;
        isDenied ||= !isOld;
        leader = told.leader;
      } catch (error) {
        unreached = error as Error;
      }
      nodeId = leader === undefined || asked.has(leader) ? this.unasked(asked) : leader;
      if (nodeId === undefined && outdated !== null) {
        // Whoever woke up may have told the client of fewer brokers than there are.
        await this.cluster.refreshMetadata();
        nodeId = this.unasked(asked);
      }
    }
    if (unreached !== null) throw unreached;
    // All of them say so: the cluster itself was set back, as when it is restored from a backup.
    if (outdated !== null && !isDenied) return outdated;
    throw new Error(`${name} has another leader whenever one asks`);
  }

  private unasked(asked: ReadonlySet<number>): number | undefined {
    return this.cluster
      .getNodeIds()
      .map(Number)
      .find((nodeId) => !asked.has(nodeId));
  }

  private async askBroker(topic: string, partition: number, nodeId: number): Promise<Asked> {
    const broker = await this.cluster.findBroker({ nodeId });
    const newest = broker.versions[METADATA.apiKey]?.maxVersion ?? 0;
    if (newest < METADATA.apiVersion) return { broker, leader: nodeId, lineage: this.untold() };
    const { errorCode, topicId, partitions } = await this.tell(topic, nodeId, broker);
    const { leader, epoch } = partitions.get(partition) ?? { leader: -1, epoch: -1 };
    if (errorCode !== 0 || leader < 0) {
      throw new Error(`${topic}/${partition} is not there (the broker says ${errorCode})`);
    }
    return { broker, leader, lineage: topicId === null ? this.untold() : { topicId, epoch: epoch < 0 ? null : epoch } };
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
    return UNTOLD;
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
