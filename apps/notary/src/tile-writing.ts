import { byteLength, type DurableFile } from '#app/transparency';
import type { TileStore } from './tile-store.js';

/** Many files at once, so that the disk syncs them together; few enough that memory stays flat. */
const BATCH_FILES = 256;
const BATCH_BYTES = 8 * 1024 * 1024;

/** Writes files while the next ones are made: one batch on its way to the disk, one being gathered. */
export class TileWriting {
  #batch: DurableFile[] = [];
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(private readonly store: TileStore) {}

  /** @throws what went wrong with files that were added before */
  async add(files: readonly DurableFile[]): Promise<void> {
    for (const file of files) {
      this.#batch.push(file);
      this.#bytes += byteLength(file.bytes);
    }
    if (this.#batch.length >= BATCH_FILES || this.#bytes >= BATCH_BYTES) await this.#next();
  }

  /** Everything that was added is on disk when it resolves. */
  async drain(): Promise<void> {
    await this.#next();
    await this.#writing;
  }

  async #next(): Promise<void> {
    await this.#writing;
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    this.#writing = this.store.write(batch);
    // Told by the next call that waits for it.
    this.#writing.catch(() => undefined);
  }
}
