import type { Received } from './topic-tail.js';

/** What a system downstream has received: of every event at least one copy, and first copies in order per key. */
export class Relayed {
  /** By position: key and text of the first copy. */
  readonly #firsts = new Map<number, { key: string; value: string }>();
  readonly #lastOfKey = new Map<string, number>();
  readonly #disorder: string[] = [];

  take(messages: readonly Received[]): void {
    for (const { key, value, headers } of messages) {
      const position = Number(headers['ce_position']);
      if (this.#firsts.has(position)) continue;
      const last = this.#lastOfKey.get(key) ?? -1;
      if (position < last) this.#disorder.push(`event ${position} of ${key} came only after ${last}`);
      this.#lastOfKey.set(key, position);
      this.#firsts.set(position, { key, value: String(value) });
    }
  }

  check(texts: readonly string[], streams: readonly string[]): string[] {
    const problems = this.#disorder.splice(0);
    texts.forEach((text, position) => {
      const first = this.#firsts.get(position);
      if (first === undefined) problems.push(`event ${position} was not handed on`);
      else if (first.value !== text || first.key !== streams[position]) {
        problems.push(`what was handed on as ${position} is another event`);
      }
    });
    const extra = this.#firsts.size - texts.length;
    if (extra > 0) problems.push(`${extra} events were handed on that are not in the log`);
    return problems;
  }
}
