/** One table as it lies in a backup: COPY text, compressed. */
export interface SavedTable {
  /** `ledger.event` */
  table: string;
  columns: string[];
  rows: number;
  /** Relative to the folder of the backup. */
  file: string;
}

/** Where a sequence stood. */
export interface SavedSequence {
  sequence: string;
  last: number;
}

/** The signed checkpoint that a backup ends with. */
export interface SavedCheckpoint {
  origin: string;
  size: number;
  /** base64 */
  root: string;
}

/** What both parts of a backup say of themselves: enough to know that they belong to one log, and in which order they were taken. */
interface Described {
  v: 1;
  /** The id of the log in its first event. */
  log: string;
  /** The last position that is in it. */
  position: number;
  takenAt: string;
  /** Of the server it was taken from. */
  postgres: string;
  /** Of the schema: a version of the program that lacks one of them cannot restore it. */
  migrations: string[];
  tables: SavedTable[];
}

export interface LedgerManifest extends Described {
  kind: 'ledger';
  sequences: SavedSequence[];
  /** Null when the notary had published none, or the tiles were left out. */
  checkpoint: SavedCheckpoint | null;
  /** Leaves under the checkpoint that was published when the backup was finished: more than the backup holds while reports come in. */
  publishedMeanwhile: number | null;
  tiles: { files: number; bytes: number } | null;
  /** Logins that had a role of ours: they belong to the server, and are not in the backup. */
  logins: { login: string; roles: string[] }[];
}

export interface VaultManifest extends Described {
  kind: 'vault';
}

export type Manifest = LedgerManifest | VaultManifest;

export const MANIFEST_FILE = 'manifest.json';
/** Below the folder of a backup. */
export const TILES = 'tiles';
