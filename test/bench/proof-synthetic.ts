import {
  formatCheckpoint,
  formatNote,
  formatProof,
  leafHash,
  NoteSigner,
  parsePolicy,
  formatVerifierKey,
  parseProof,
  TreeEdge,
  TreeProver,
  type Tile,
  tilePath,
  verifyProof,
} from '#app/transparency';
import { percentile } from './machine.js';
import { seeded } from './reports.js';

/** What one proof costs in a tree of a size. */
export interface ProofCost {
  leaves: number;
  /** Of the audit path. */
  hashes: number;
  /** Of a .tlog-proof with a leaf of `leafBytes` in it, and without. */
  bytes: number;
  bytesWithoutLeaf: number;
  leafBytes: number;
  makeMs: { p50: number; p99: number };
  checkMs: { p50: number; p99: number };
}

const PROOFS = 500;
const LEAF_BYTES = 1_200;

/** Makes and checks proofs at random positions of a made tree, whose tiles are in memory. No tile is read for two proofs. */
export async function measureProofs(leaves: number): Promise<ProofCost> {
  const { tiles, edge } = buildTree(leaves);
  const read = ({ level, index, width }: Tile): Promise<Buffer> =>
    Promise.resolve(tiles.get(tilePath({ level, index, width })) as Buffer);
  const signer = NoteSigner.generate('bench.example/log', 'LOG');
  const text = formatCheckpoint({ origin: 'bench.example/log', size: leaves, root: edge.root() });
  const checkpoint = formatNote({ text, signatures: [signer.sign(text, new Date(0))] });
  const policy = parsePolicy(`log ${formatVerifierKey(signer.verifier)}\nquorum none\n`);
  const random = seeded(7);
  const times = { make: [] as number[], check: [] as number[] };
  let largest = 0;
  let hashes = 0;
  for (let n = 0; n < PROOFS; n += 1) {
    const index = Math.floor(random() * leaves);
    const startedAt = performance.now();
    const path = await new TreeProver(leaves, read).inclusion(index);
    const proof = formatProof({ index, path, extra: leafAt(index), checkpoint });
    const madeAt = performance.now();
    verifyProof(parseProof(proof), policy);
    times.make.push(madeAt - startedAt);
    times.check.push(performance.now() - madeAt);
    largest = Math.max(largest, Buffer.byteLength(proof));
    hashes = Math.max(hashes, path.length);
  }
  const extra = `extra ${leafAt(0).toString('base64')}\n`;
  return {
    leaves,
    hashes,
    bytes: largest,
    bytesWithoutLeaf: largest - extra.length,
    leafBytes: LEAF_BYTES,
    makeMs: quantiles(times.make),
    checkMs: quantiles(times.check),
  };
}

function quantiles(values: readonly number[]): { p50: number; p99: number } {
  const round = (ms: number): number => Math.round(ms * 100) / 100;
  return { p50: round(percentile(values, 50)), p99: round(percentile(values, 99)) };
}

function buildTree(leaves: number): { tiles: Map<string, Buffer>; edge: TreeEdge } {
  const tiles = new Map<string, Buffer>();
  const edge = new TreeEdge();
  for (let index = 0; index < leaves; index += 1) {
    for (const { tile, bytes } of edge.append(leafHash(leafAt(index)))) tiles.set(tilePath(tile), bytes);
  }
  for (const { tile, bytes } of edge.partialTiles()) tiles.set(tilePath(tile), bytes);
  return { tiles, edge };
}

/** A leaf that knows its position and is as long as a usual one. */
function leafAt(index: number): Buffer {
  const leaf = Buffer.alloc(LEAF_BYTES, 'x');
  leaf.writeUInt32BE(index, 0);
  return leaf;
}
