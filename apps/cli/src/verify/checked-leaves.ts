import {
  type Checkpoint,
  CHECKPOINT_FILE,
  decodeBundle,
  leafHashes,
  type LogReader,
  MalformedTileError,
  type Policy,
  rootOver,
  TILE_WIDTH,
  tileReader,
} from '#app/transparency';
import { CommandError, EXIT, usageError } from '../exit-codes.js';
import { placesOf, readBundle } from './check-range.js';
import { openSource } from './log-source.js';
import { checkCheckpoint } from './open-checkpoint.js';
import { SignedTree } from './signed-tree.js';

/** A bundle of leaves that are under the signed root. */
export interface CheckedLeaves {
  /** Position of the first. */
  first: number;
  leaves: Buffer[];
}

/**
 * Opens a log to read what it holds: its checkpoint is signed by a key that is believed and has the quorum.
 *
 * @param at folder or URL
 * @throws CommandError 1 when it does not verify, 2 when it is not there, 3 when its server does not answer
 */
export async function openTrustedLog({ at, policy }: { at: string; policy: Policy }): Promise<TrustedLog> {
  const { read } = openSource(at);
  const note = await read(CHECKPOINT_FILE);
  if (note === null) throw usageError(`${at} holds no ${CHECKPOINT_FILE}.`);
  const { checkpoint, checks } = checkCheckpoint(note, policy);
  const failure = checks.find(({ ok }) => !ok);
  if (checkpoint === null || failure !== undefined) {
    throw new CommandError(`${at} does not verify: ${failure?.detail ?? 'no checkpoint'}`, EXIT.failed);
  }
  const tree = await SignedTree.open(checkpoint, tileReader(read));
  if (!tree.isRooted) {
    throw new CommandError(`${at} does not verify: its tiles do not give the root that is signed`, EXIT.failed);
  }
  return new TrustedLog(checkpoint, note.toString(), tree, read);
}

/** A log whose entries are held against its signed root before anybody sees them. */
export class TrustedLog {
  constructor(
    readonly head: Checkpoint,
    /** The signed checkpoint, verbatim. */
    readonly note: string,
    private readonly tree: SignedTree,
    private readonly read: LogReader,
  ) {}

  /**
   * The leaves of a range of positions, bundle by bundle.
   *
   * @param range from 0 and up to the last one, inclusive, when absent
   * @throws CommandError 1 naming the first bundle that is not under the signed root
   */
  async *leaves(range: { from?: number; upTo?: number } = {}): AsyncGenerator<CheckedLeaves, void, undefined> {
    const { size } = this.head;
    const from = range.from ?? 0;
    const end = Math.min(size, (range.upTo ?? size - 1) + 1);
    const firstBundle = Math.floor(from / TILE_WIDTH);
    const count = Math.max(0, Math.ceil(end / TILE_WIDTH) - firstBundle);
    for (let i = 0; i < count; i++) {
      const index = firstBundle + i;
      const leaves = await this.#bundle(index);
      const start = index * TILE_WIDTH;
      const skip = Math.max(0, from - start);
      yield { first: start + skip, leaves: leaves.slice(skip, end - start) };
    }
  }

  async #bundle(index: number): Promise<Buffer[]> {
    const [place] = placesOf({ first: index, count: 1, size: this.head.size });
    const { width } = place as { index: number; width: number };
    const { bundle } = await readBundle(this.read, { index, width });
    const where = `the entries ${index * TILE_WIDTH} to ${index * TILE_WIDTH + width - 1} of ${this.head.origin}`;
    if (bundle === null) throw doesNotVerify(`${where} are missing`);
    const leaves = decoded(Buffer.from(bundle), width, where);
    const signed = width === TILE_WIDTH ? await this.tree.hash(1, index) : await this.#partial(index);
    if (signed === null) throw doesNotVerify(`${where}: the tiles above do not lead to the signed root`);
    if (!rootOver(leafHashes(leaves)).equals(signed)) {
      throw doesNotVerify(`${where} are not those under the signed root`);
    }
    return leaves;
  }

  async #partial(index: number): Promise<Buffer | null> {
    const hashes = await this.tree.tile(0, index);
    return hashes === null ? null : rootOver(hashes);
  }
}

function decoded(bundle: Buffer, width: number, where: string): Buffer[] {
  try {
    return decodeBundle(bundle, width);
  } catch (error) {
    if (error instanceof MalformedTileError) throw doesNotVerify(`${where}: ${error.message}`);
    throw error;
  }
}

function doesNotVerify(what: string): CommandError {
  return new CommandError(`the log does not verify: ${what}`, EXIT.failed);
}
