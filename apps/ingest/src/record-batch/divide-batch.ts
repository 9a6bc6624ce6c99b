import type { KafkaBatch } from '#app/kafka';

/** Two consecutive batches that together move the cursor as the whole does. The batch has two messages or more. */
export function halves(batch: KafkaBatch): [KafkaBatch, KafkaBatch] {
  const middle = Math.ceil(batch.messages.length / 2);
  const border = batch.messages[middle]?.offset ?? batch.next;
  return [
    { ...batch, messages: batch.messages.slice(0, middle), next: border },
    { ...batch, messages: batch.messages.slice(middle), expected: border },
  ];
}

/** One batch per message. */
export function singles(batch: KafkaBatch): KafkaBatch[] {
  return batch.messages.map((message, index) => ({
    ...batch,
    messages: [message],
    expected: index === 0 ? batch.expected : message.offset,
    next: batch.messages[index + 1]?.offset ?? batch.next,
  }));
}
