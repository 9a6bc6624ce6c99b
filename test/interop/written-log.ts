import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  CHECKPOINT_FILE,
  type DurableFile,
  encodeBundle,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  leafHash,
  NoteSigner,
  TILE_WIDTH,
  tilePath,
  TreeEdge,
  writeDurably,
} from '#app/transparency';

const AT_ONCE = 128;

/** A log without a database, of leaves that are made here, written by what the notary writes with. */
export class WrittenLog {
  /** The prefix of the log. */
  readonly at: string;
  readonly vkeyFile: string;
  /** Holds every checkpoint that was published, named by its size. */
  readonly published: string;
  readonly edge = new TreeEdge();
  #bundle: Buffer[] = [];

  constructor(
    folder: string,
    readonly signer = NoteSigner.generate('ledger.example/log', 'LOG'),
    private readonly leafAt = leafOf,
  ) {
    this.at = path.join(folder, 'log');
    this.vkeyFile = path.join(folder, 'vkey');
    this.published = path.join(folder, 'published');
    mkdirSync(this.published, { recursive: true });
    writeFileSync(this.vkeyFile, `${formatVerifierKey(this.signer.verifier)}\n`);
  }

  /** Appends leaves until the tree has `size` of them, and publishes a checkpoint. @returns the note */
  async growTo(size: number): Promise<string> {
    let files: DurableFile[] = [];
    while (this.edge.size < size) {
      const leaf = this.leafAt(this.edge.size);
      this.#bundle.push(leaf);
      for (const { tile, bytes } of this.edge.append(leafHash(leaf))) files.push({ path: tilePath(tile), bytes });
      if (this.#bundle.length === TILE_WIDTH) {
        files.push(this.#bundleFile());
        this.#bundle = [];
      }
      if (files.length >= AT_ONCE) {
        await writeDurably(this.at, files);
        files = [];
      }
    }
    for (const { tile, bytes } of this.edge.partialTiles()) files.push({ path: tilePath(tile), bytes });
    if (this.#bundle.length > 0) files.push(this.#bundleFile());
    await writeDurably(this.at, files);
    return this.#publish();
  }

  #bundleFile(): DurableFile {
    const index = Math.ceil(this.edge.size / TILE_WIDTH) - 1;
    const tile = { level: 'entries' as const, index, width: this.#bundle.length };
    return { path: tilePath(tile), bytes: encodeBundle(this.#bundle) };
  }

  async #publish(): Promise<string> {
    const note = this.sign(this.edge.size, this.edge.root());
    await writeDurably(this.at, [{ path: CHECKPOINT_FILE, bytes: note }]);
    writeFileSync(path.join(this.published, String(this.edge.size)), note);
    return note;
  }

  /** A checkpoint that the log signs, whether it is true or not. */
  sign(size: number, root: Buffer, signer = this.signer): string {
    const text = formatCheckpoint({ origin: this.signer.verifier.name, size, root });
    return formatNote({ text, signatures: [signer.sign(text, new Date(0))] });
  }
}

/** The largest leaf that the log takes. */
const MAX_LEAF_BYTES = 61_440;

/** A made leaf: one in Arabic, one of the largest size, all others short. */
export function leafOf(position: number): Buffer {
  if (position === 2) return Buffer.from('{"place":{"name":"الموصل"},"position":2}');
  if (position === 3) return Buffer.alloc(MAX_LEAF_BYTES, 'x');
  return Buffer.from(`{"position":${position},"recordedAt":"2018-11-09T06:00:00.000Z"}`);
}
