/** A server-sent event as a reader has it. */
export interface Followed {
  id: number;
  event: string;
  data: string;
}

/** A reader as a browser's EventSource is one: it keeps the last id, and what it has read of an event when it is cut off is lost. */
export class EventFollower {
  readonly events: Followed[] = [];
  lastId: string | null = null;
  isConnected = false;
  /** The server has ended the answer. */
  isEnded = false;
  #cut = new AbortController();

  constructor(
    readonly address: string,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  /** Reads until it is cut off or the answer ends. @throws for any other answer than a stream */
  async connect(): Promise<void> {
    this.#cut = new AbortController();
    const headers = { ...this.headers, ...(this.lastId === null ? {} : { 'last-event-id': this.lastId }) };
    const decoder = new TextDecoder();
    let buffer = '';
    try {
      const answer = await fetch(this.address, { headers, signal: this.#cut.signal });
      if (answer.status !== 200 || answer.body === null) throw new Error(`${answer.status} ${await answer.text()}`);
      this.isConnected = true;
      for await (const chunk of answer.body) {
        buffer += decoder.decode(chunk as Uint8Array, { stream: true });
        const blocks = buffer.split('\n\n');
        buffer = blocks.pop() ?? '';
        for (const block of blocks) this.#take(block);
      }
      this.isEnded = true;
    } catch (error) {
      if (!this.#cut.signal.aborted) throw error;
    }
  }

  cut(): void {
    this.#cut.abort();
  }

  #take(block: string): void {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const id = field('id');
    const data = field('data');
    if (id !== undefined) this.lastId = id;
    if (data !== undefined) this.events.push({ id: Number(id), event: field('event') ?? 'message', data });
  }
}
