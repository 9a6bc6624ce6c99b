import {
  type Checkpoint,
  CHECKPOINT_FILE,
  decodeBundle,
  HASH_BYTES,
  hashesAt,
  type LogReader,
  MalformedError,
  MalformedTileError,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  signaturesOf,
  type Tile,
  TILE_WIDTH,
  tileOf,
  tilePath,
  tileReader,
  type TileReader,
  VerificationError,
  type VerifierKey,
  verifySignature,
} from '#app/transparency';

/** The published files are not what the log signed. The message names the place, never the folder. */
export class TilesDamagedError extends Error {
  override readonly name = 'TilesDamagedError';
}

/** A published checkpoint whose signature was checked. */
export interface Published extends Checkpoint {
  /** The signed note, verbatim. */
  note: string;
}

/** The folder that is published, as one who only reads it sees it. */
export class PublishedLog {
  /** The largest size that was seen published: what it covers stays. */
  #covered = 0;

  /** @param read files by their path below the prefix of the log */
  constructor(private readonly read: LogReader) {}

  /** The checkpoint as it lies there, unchecked; null before the first. */
  note(): Promise<Buffer | null> {
    return this.read(CHECKPOINT_FILE);
  }

  /**
   * The published checkpoint, its signature checked.
   *
   * @param keys of the log @returns null before the first @throws TilesDamagedError for one that none of them signed
   */
  async checkpoint(keys: readonly VerifierKey[]): Promise<Published | null> {
    const note = await this.note();
    if (note === null) return null;
    return usable(() => ({ ...openCheckpoint(note, keys).checkpoint, note: note.toString('utf8') }));
  }

  /**
   * Those of the given keys that have not signed the published checkpoint; none before the first one.
   *
   * @throws TilesDamagedError for a checkpoint that cannot be read
   */
  async strangers(keys: readonly VerifierKey[]): Promise<VerifierKey[]> {
    const note = await this.note();
    if (note === null) return [];
    const { text, signatures } = usable(() => parseNote(note));
    return keys.filter(
      (key) => !signaturesOf(signatures, key).some(({ signature }) => verifySignature(key, text, signature) !== null),
    );
  }

  /**
   * The bytes of a tile or bundle. Nothing beyond the published checkpoint is given out: it may never be signed, and
   * caches keep it for ever.
   *
   * @returns null for what is not there, or not covered @throws TilesDamagedError for a file of another shape
   */
  async tile(tile: Tile): Promise<Buffer | null> {
    if (!isCovered(tile, this.#covered)) await this.#look();
    const bytes = isCovered(tile, this.#covered) ? await this.read(tilePath(tile)) : null;
    if (bytes !== null) checkShape(tile, bytes);
    return bytes;
  }

  /**
   * Reads the tiles of a tree that is no larger than the published one. Of a size that was never signed there are no partial
   * tiles: the wider ones of the published size begin with the same hashes.
   */
  tilesOf({ size }: Published): TileReader {
    const read = tileReader(this.read);
    return async (tile) => {
      const { level, index, width } = tile;
      if (level === 'entries') throw new RangeError('entries are no hashes');
      const bytes = await read(tileOf(level, index * TILE_WIDTH, size));
      return bytes.subarray(0, width * HASH_BYTES);
    };
  }

  async #look(): Promise<void> {
    const note = await this.note();
    if (note === null) return;
    const { size } = usable(() => parseCheckpoint(parseNote(note).text));
    this.#covered = Math.max(this.#covered, size);
  }
}

function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MalformedError) && !(error instanceof VerificationError)) throw error;
    throw new TilesDamagedError(`the published checkpoint cannot be used: ${error.message}`, { cause: error });
  }
}

function isCovered({ level, index, width }: Tile, size: number): boolean {
  return index * TILE_WIDTH + width <= hashesAt(level === 'entries' ? 0 : level, size);
}

function checkShape(tile: Tile, bytes: Buffer): void {
  if (tile.level !== 'entries') {
    if (bytes.length === tile.width * HASH_BYTES) return;
    throw new TilesDamagedError(`${tilePath(tile)} has ${bytes.length} bytes, not ${tile.width * HASH_BYTES}`);
  }
  try {
    decodeBundle(bytes, tile.width);
  } catch (error) {
    if (!(error instanceof MalformedTileError)) throw error;
    throw new TilesDamagedError(`${tilePath(tile)}: ${error.message}`, { cause: error });
  }
}
