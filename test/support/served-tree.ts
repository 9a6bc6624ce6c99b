import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';

/** What a folder of tiles must hold by the specifications, worked out apart from the product: with nothing but a hash. */
const WIDTH = 256;

const sha256 = (...parts: readonly (Buffer | string)[]): Buffer => {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest();
};

/** RFC 6962 §2.1, word for word. */
function treeHash(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return sha256('');
  if (hashes.length === 1) return hashes[0] as Buffer;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return sha256(Buffer.of(1), treeHash(hashes.slice(0, split)), treeHash(hashes.slice(split)));
}

export async function leavesOf(pool: pg.Pool): Promise<Buffer[]> {
  const { rows } = await pool.query<{ leaf: string }>('SELECT leaf FROM ledger.event ORDER BY position');
  return rows.map(({ leaf }) => Buffer.from(leaf));
}

export interface Served {
  size: number;
  note: string;
}

/** The size, root and signatures that a published note states; the signatures are not checked here. */
export function stated(note: string): { origin: string; size: number; root: string; signers: string[] } {
  const [origin = '', size = '', root = '', , ...lines] = note.split('\n');
  return { origin, size: Number(size), root, signers: lines.filter(Boolean).map((line) => line.split(' ')[1] ?? '') };
}

/**
 * Reads the whole folder as an outsider does, and throws at the first file that is missing or not what the leaves give.
 *
 * @param leaves of the log @returns the published checkpoint
 */
export function checkServedTree(folder: string, leaves: readonly Buffer[]): Served {
  const note = readFileSync(path.join(folder, 'checkpoint'), 'utf8');
  const { size, root } = stated(note);
  if (size > leaves.length) throw new Error(`the checkpoint has ${size} leaves, the log ${leaves.length}`);
  const entries = leaves.slice(0, size);
  let hashes = entries.map((leaf) => sha256(Buffer.of(0), leaf));
  if (treeHash(hashes).toString('base64') !== root) throw new Error(`the root of ${size} leaves is another one`);
  for (let start = 0; start < size; start += WIDTH) {
    const bundle = entries.slice(start, start + WIDTH).map((leaf) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(leaf.length);
      return Buffer.concat([length, leaf]);
    });
    expectFile(folder, nameOf('entries', start / WIDTH, bundle.length), Buffer.concat(bundle));
  }
  for (let level = 0; hashes.length > 0; level += 1) {
    const above: Buffer[] = [];
    for (let start = 0; start < hashes.length; start += WIDTH) {
      const tile = hashes.slice(start, start + WIDTH);
      expectFile(folder, nameOf(String(level), start / WIDTH, tile.length), Buffer.concat(tile));
      if (tile.length === WIDTH) above.push(treeHash(tile));
    }
    hashes = above;
  }
  return { size, note };
}

/** Throws unless each note has the root of the first leaves of one and the same log. */
export function checkNotes(notes: Iterable<string>, leaves: readonly Buffer[]): void {
  const wanted = [...notes].map(stated).toSorted((one, other) => one.size - other.size);
  // The perfect subtrees of what was read so far, largest first, as the digits of a binary counter.
  const subtrees: { width: number; hash: Buffer }[] = [];
  let size = 0;
  for (const { size: to, root } of wanted) {
    for (const leaf of leaves.slice(size, to)) {
      let added = { width: 1, hash: sha256(Buffer.of(0), leaf) };
      while (subtrees.at(-1)?.width === added.width) {
        const left = subtrees.pop()?.hash ?? Buffer.alloc(0);
        added = { width: 2 * added.width, hash: sha256(Buffer.of(1), left, added.hash) };
      }
      subtrees.push(added);
    }
    size = to;
    const expected = subtrees.map(({ hash }) => hash).reduceRight((right, left) => sha256(Buffer.of(1), left, right));
    if (size > leaves.length || root !== expected.toString('base64')) {
      throw new Error(`a checkpoint of ${size} leaves was of another log`);
    }
  }
}

/** Folders of partial tiles whose full tile is there: a reader needs them no more. */
export function needlessPartials(folder: string): string[] {
  const files = new Set(
    readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
      path.join(entry.parentPath, entry.name),
    ),
  );
  return [...files].filter((file) => file.endsWith('.p') && files.has(file.slice(0, -2)));
}

/** Files under temporary names, which a killed writer leaves. */
export function temporaries(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter((file) => file.endsWith('.tmp'));
}

function nameOf(level: string, index: number, width: number): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const groups = digits.match(/\d{3}/g) ?? [];
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${name}${width < WIDTH ? `.p/${width}` : ''}`;
}

function expectFile(folder: string, name: string, expected: Buffer): void {
  if (!readFileSync(path.join(folder, name)).equals(expected)) throw new Error(`${name} is not what the leaves give`);
}
