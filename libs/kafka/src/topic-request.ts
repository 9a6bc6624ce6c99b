import Decoder from 'kafkajs/src/protocol/decoder.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';

/** Which topic has a name now, as one broker knows it. */
export interface ToldTopic {
  /** 0: none. */
  errorCode: number;
  /** As Kafka's own tools write it; null where the broker has none. */
  topicId: string | null;
  /** Broker of each partition; -1: none at the moment. */
  leaders: Map<number, number>;
}

/** A request in the form in which the client sends its own. */
export interface ClientRequest<T> {
  request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<Encoder> };
  response: { decode(raw: Buffer): Promise<T>; parse(decoded: T): Promise<T> };
}

/** Metadata in the first version with ids of topics (Kafka 2.8); the client itself ends with 6. */
export const METADATA = { apiKey: 3, apiVersion: 10 };

const NO_ID = Buffer.alloc(16);

/** Asks one broker for one topic. Versions from 9 on are flexible: compact lengths, and tags at the end of everything. */
export function topicRequest(topic: string): ClientRequest<ToldTopic> {
  return {
    request: { ...METADATA, apiName: 'Metadata', encode: async () => encode(topic) },
    response: { decode: async (raw) => decode(raw), parse: async (told) => told },
  };
}

const noTags = (encoder: Encoder): Encoder => encoder.writeUVarInt(0);

function encode(topic: string): Encoder {
  // The header's tags, and one topic (a compact length is one more).
  const encoder = noTags(new Encoder()).writeUVarInt(2).writeBuffer(NO_ID).writeUVarIntString(topic);
  // No creation of the topic, and nothing about rights on the cluster or on it.
  return noTags(noTags(encoder).writeBoolean(false).writeBoolean(false).writeBoolean(false));
}

function decode(raw: Buffer): ToldTopic {
  const decoder = new Decoder(raw);
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
  const leaders = new Map(decoder.readUVarIntArray(readLeader));
  decoder.readInt32(); // rights
  decoder.readTaggedFields();
  return { errorCode, topicId: id.equals(NO_ID) ? null : id.toString('base64url'), leaders };
}

function readLeader(decoder: Decoder): [partition: number, leader: number] {
  decoder.readInt16();
  const partition = decoder.readInt32();
  const leader = decoder.readInt32();
  decoder.readInt32(); // its epoch
  for (let replicas = 0; replicas < 3; replicas++) decoder.readUVarIntArray((one) => one.readInt32());
  decoder.readTaggedFields();
  return [partition, leader];
}
