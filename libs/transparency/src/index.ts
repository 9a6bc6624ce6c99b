export { type AddCheckpoint, formatAddCheckpoint, parseAddCheckpoint } from './add-checkpoint.js';
export {
  type Checkpoint,
  formatCheckpoint,
  openCheckpoint,
  type OpenedCheckpoint,
  parseCheckpoint,
} from './checkpoint.js';
export { byteLength, type DurableFile, stageDurably, type StagedFile, writeDurably } from './durable-files.js';
export { decodeBundle, encodeBundle, frameEntries, MalformedTileError } from './entry-bundle.js';
export { KeyFileError, MalformedError, VerificationError } from './errors.js';
export { EMPTY_ROOT, HASH_BYTES, leafHash, leafHashes, nodeHash, rootOf, rootOver, splitHashes } from './hashing.js';
export { createKeyFile, readKeyFile } from './key-file.js';
export {
  formatVerifierKey,
  type KeyKind,
  NoteSigner,
  parseVerifierKey,
  signaturesOf,
  type VerifierKey,
  verifySignature,
} from './keys.js';
export { type Cosigned, parsePolicy, type Policy, type PolicyWitness, witnessedBy } from './policy.js';
export { isConsistent, rootOfInclusion, type TileReader, type TreeHead, TreeProver } from './proofs.js';
export {
  formatNote,
  formatSignature,
  type NoteSignature,
  parseNote,
  parseSignatures,
  type SignedNote,
} from './signed-note.js';
export { CHECKPOINT_FILE, folderReader, type LogReader, tileReader } from './tile-folder.js';
export { edgeTiles, hashesAt, parseTilePath, type Tile, TILE_WIDTH, tileOf, tilePath } from './tiles.js';
export { formatProof, parseProof, type ProvedLeaf, type TlogProof, verifyProof } from './tlog-proof.js';
export { type HashTile, TreeEdge } from './tree-edge.js';
