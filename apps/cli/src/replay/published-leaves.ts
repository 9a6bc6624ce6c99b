import { parseLeaf, SealedSnapshots } from '#app/log';
import type { LeafSource, PlacedLeaf } from '#app/read-models';

/** Leaves of a published log, each held against the signed root before it is handed out. */
export interface CheckedLeaves {
  /** Both ends inclusive. */
  leaves: (range: { from?: number; upTo?: number }) => AsyncGenerator<{ first: number; leaves: Buffer[] }>;
}

/** What must be known of a log before a part of it is folded. */
export interface LogContents {
  /** Id of the log. */
  log: string;
  snapshots: SealedSnapshots;
}

const SEALED = Buffer.from('"type":"SnapshotSealed"');

/** Reads a log from end to end, for the snapshots in it: their digests are recorded behind them. */
export async function readContents(checked: CheckedLeaves, onProgress: (leaves: number) => void): Promise<LogContents> {
  const snapshots = new SealedSnapshots();
  let log = '';
  for await (const { first, leaves } of checked.leaves({})) {
    for (const leaf of leaves) if (leaf.includes(SEALED)) snapshots.add(leaf.toString());
    if (first === 0 && leaves[0] !== undefined) ({ log } = parseLeaf(leaves[0].toString()));
    onProgress(first + leaves.length);
  }
  return { log, snapshots };
}

/** As a fold wants leaves: on and on, with a look back now and then. */
export class PublishedLeaves implements LeafSource {
  #buffer: PlacedLeaf[] = [];
  #rest: AsyncGenerator<{ first: number; leaves: Buffer[] }> | null = null;
  /** The position that the rest begins with. */
  #next = 0;
  /** The bundle that was looked at last: positions that are asked for together lie together. */
  #looked: PlacedLeaf[] = [];

  constructor(private readonly checked: CheckedLeaves) {}

  read = async ({ after, limit }: { after: number; limit: number }): Promise<PlacedLeaf[]> => {
    const from = after + 1;
    const kept = this.#buffer.findIndex(({ position }) => position === from);
    this.#buffer = kept < 0 ? [] : this.#buffer.slice(kept);
    if (kept < 0 && this.#next !== from) {
      await this.#rest?.return(undefined);
      this.#rest = null;
    }
    this.#rest ??= this.checked.leaves({ from });
    while (this.#buffer.length < limit) {
      const bundle = await this.#rest.next();
      if (bundle.done === true) break;
      // A bundle may begin before the position that was asked for.
      this.#buffer.push(...placed(bundle.value).filter(({ position }) => position >= from));
      this.#next = bundle.value.first + bundle.value.leaves.length;
    }
    return this.#buffer.slice(0, limit);
  };

  at = async (positions: readonly number[]): Promise<PlacedLeaf[]> => {
    const found: PlacedLeaf[] = [];
    for (const position of positions.toSorted((a, b) => a - b)) {
      const leaf = this.#looked.find((one) => one.position === position) ?? (await this.#look(position));
      if (leaf === undefined) throw new Error(`the log has no leaf at position ${position}`);
      found.push(leaf);
    }
    return found;
  };

  async #look(position: number): Promise<PlacedLeaf | undefined> {
    const upTo = position - (position % BUNDLE) + BUNDLE - 1;
    this.#looked = [];
    for await (const bundle of this.checked.leaves({ from: upTo - BUNDLE + 1, upTo })) {
      this.#looked.push(...placed(bundle));
    }
    return this.#looked.find((one) => one.position === position);
  }
}

/** Leaves of one entry bundle (C2SP tlog-tiles). */
const BUNDLE = 256;

function placed({ first, leaves }: { first: number; leaves: Buffer[] }): PlacedLeaf[] {
  return leaves.map((leaf, index) => ({ position: first + index, leaf: leaf.toString() }));
}
