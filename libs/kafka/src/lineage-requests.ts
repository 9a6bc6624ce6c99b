import Decoder from 'kafkajs/src/protocol/decoder.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';

/** Which topic has a name now, as one broker knows it. */
export interface ToldTopic {
  /** 0: none. */
  errorCode: number;
  topicId: string | null;
  partitions: Map<number, ToldPartition>;
}

interface ToldPartition {
  /** Broker; -1: none at the moment. */
  leader: number;
  epoch: number;
}

/** A request in the form in which the client sends its own. */
export interface ClientRequest<T> {
  request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<Encoder> };
  response: { decode(raw: Buffer): Promise<T>; parse(decoded: T): Promise<T> };
}

/** Metadata in the first version with ids of topics (Kafka 2.8); the client itself ends with 6. */
export const METADATA = { apiKey: 3, apiVersion: 10, apiName: 'Metadata' };
/** Of which the client has no version. Every broker with ids of topics has this one. */
const EPOCH_END = { apiKey: 23, apiVersion: 3, apiName: 'OffsetForLeaderEpoch' };

const NO_ID = Buffer.alloc(16);

/** Asks one broker for one topic. Versions from 9 on are flexible: compact lengths, and tags at the end of everything. */
export function topicRequest(topic: string): ClientRequest<ToldTopic> {
  // The header's tags, and one topic (a compact length is one more).
  const encoder = noTags(new Encoder()).writeUVarInt(2).writeBuffer(NO_ID).writeUVarIntString(topic);
  // No creation of the topic, and nothing about rights on the cluster or on it.
  noTags(noTags(encoder).writeBoolean(false).writeBoolean(false).writeBoolean(false));
  return clientRequest(METADATA, encoder, readTold);
}

/**
 * Asks the leader where what was written up to an epoch ends: the offset after it, -1 where it does not know the epoch.
 * @param leads the epoch in which it leads: it refuses when it is another one by now; null: whatever it is
 */
export function epochEndRequest(
  topic: string,
  partition: number,
  { epoch, leads }: { epoch: number; leads: number | null },
): ClientRequest<number> {
  // As a consumer (-1), for one topic and one of its partitions.
  const encoder = new Encoder().writeInt32(-1).writeInt32(1).writeString(topic).writeInt32(1);
  encoder
    .writeInt32(partition)
    .writeInt32(leads ?? -1)
    .writeInt32(epoch);
  return clientRequest(EPOCH_END, encoder, readEpochEnd);
}

function clientRequest<T>(which: typeof METADATA, encoder: Encoder, read: (decoder: Decoder) => T): ClientRequest<T> {
  return {
    request: { ...which, encode: async () => encoder },
    response: { decode: async (raw) => read(new Decoder(raw)), parse: async (told) => told },
  };
}

function noTags(encoder: Encoder): Encoder {
  return encoder.writeUVarInt(0);
}

function readTold(decoder: Decoder): ToldTopic {
  decoder.readTaggedFields();
  decoder.readInt32(); // how long the client is to wait
  decoder.readUVarIntArray(skipBroker);
  decoder.readUVarIntString(); // cluster
  decoder.readInt32(); // controller
  const [told] = decoder.readUVarIntArray(readTopic) ?? [];
  if (told === undefined) throw new Error('the broker was asked for a topic and tells of none');
  return told;
}

function skipBroker(decoder: Decoder): void {
  decoder.readInt32();
  decoder.readUVarIntString();
  decoder.readInt32();
  decoder.readUVarIntString();
  decoder.readTaggedFields();
}

function readTopic(decoder: Decoder): ToldTopic {
  const errorCode = decoder.readInt16();
  decoder.readUVarIntString();
  const id = decoder.readBytes(16);
  decoder.readBoolean(); // whether it is internal
  const partitions = new Map(decoder.readUVarIntArray(readPartition));
  decoder.readInt32(); // rights
  decoder.readTaggedFields();
  return { errorCode, topicId: id.equals(NO_ID) ? null : id.toString('base64url'), partitions };
}

function readPartition(decoder: Decoder): [partition: number, told: ToldPartition] {
  decoder.readInt16();
  const partition = decoder.readInt32();
  const leader = decoder.readInt32();
  const epoch = decoder.readInt32();
  for (let replicas = 0; replicas < 3; replicas++) decoder.readUVarIntArray((one) => one.readInt32());
  decoder.readTaggedFields();
  return [partition, { leader, epoch }];
}

function readEpochEnd(decoder: Decoder): number {
  decoder.readInt32(); // how long the client is to wait
  const [end] = decoder
    .readArray(() => {
      decoder.readString();
      return decoder.readArray(() => {
        const errorCode = decoder.readInt16();
        decoder.readInt32(); // partition
        decoder.readInt32(); // the last epoch up to the one asked for
        const offset = Number(decoder.readInt64());
        if (errorCode !== 0) throw new Error(`the broker does not tell where an epoch ends (${errorCode})`);
        return offset;
      });
    })
    .flat();
  return end ?? -1;
}
