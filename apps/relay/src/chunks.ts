import type { OutgoingMessage } from '#app/kafka';

/** Messages of one request, in order, below `maxBytes` of values together; a larger one goes alone. */
export function* chunksOf(messages: readonly OutgoingMessage[], maxBytes: number): Generator<OutgoingMessage[], void> {
  let chunk: OutgoingMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = message.value === null ? 0 : Buffer.byteLength(message.value);
    if (chunk.length > 0 && bytes + size > maxBytes) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(message);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}
