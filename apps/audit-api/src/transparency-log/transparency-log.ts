import { Injectable, Logger } from '@nestjs/common';
import path from 'node:path';
import { Problem, type ProblemOptions } from '#app/http-edge';
import {
  folderReader,
  formatVerifierKey,
  MalformedError,
  parsePolicy,
  parseVerifierKey,
  TILE_WIDTH,
  tileOf,
  tilePath,
  type VerifierKey,
} from '#app/transparency';
import { AuditApiConfig } from '../audit-api.config.js';
import { AuditLog } from '../audit-log.js';
import { findCheckpoint, type Identity, readIdentity } from './notary-rows.js';
import { checkEdge, type Consistency, proveConsistency, proveInclusion } from './proving.js';
import { type Published, PublishedLog, TilesDamagedError } from './published-log.js';

/** The notary signs about every second. */
const RETRY_AFTER_S = '2';

/** How what is published does: its size, null before the first checkpoint; and what is wrong with it. */
export interface TilesHealth {
  size: number | null;
  code?: 'TILES_DAMAGED';
  damage?: string;
}

/** What the notary has published, and what can be proved by it. Refusals are problems that tell an auditor what was found. */
@Injectable()
export class TransparencyLog {
  readonly files: PublishedLog;
  private readonly logger = new Logger('transparency-log');

  constructor(
    config: AuditApiConfig,
    private readonly log: AuditLog,
  ) {
    this.files = new PublishedLog(folderReader(path.resolve(config.LEDGER_TILES_DIR)));
  }

  /**
   * What the notary wrote down, once the published checkpoint bears it out: the row is the database's word, and whoever can
   * change it could have auditors believe another key.
   *
   * @throws Problem NOT_FOUND before the first start of the notary; KEY_DIFFERS; TILES_DAMAGED
   */
  async identity(): Promise<Identity> {
    const identity = await readIdentity(this.log.pool);
    if (identity === null) throw new Problem('NOT_FOUND', 'the log has no key yet: start the notary once');
    const differs = await this.undamaged(() => this.differs(identity));
    if (differs !== null) throw this.found('KEY_DIFFERS', differs);
    return identity;
  }

  /** The published checkpoint, its signature checked; null before the first. @throws Problem TILES_DAMAGED */
  published(): Promise<Published | null> {
    return this.undamaged(() => this.read());
  }

  /**
   * The audit path of a leaf that the published checkpoint covers.
   *
   * @param leafHash of the event as the database has it; null when it has none
   * @throws Problem TILES_DAMAGED; LEAF_DIFFERS when the signed tree holds another leaf
   */
  async inclusion(published: Published, position: number, leafHash: Buffer | null): Promise<Buffer[]> {
    const { leaf, path: hashes } = await this.undamaged(() =>
      proveInclusion(this.files.tilesOf(published), published, position),
    );
    if (leafHash?.equals(leaf) === true) return hashes;
    const found = leafHash === null ? 'the database has no event' : 'the event in the database is not the one';
    const bundle = tilePath({ ...tileOf(0, position, published.size), level: 'entries' });
    throw this.found('LEAF_DIFFERS', `${found} at position ${position} that was signed: the database was changed`, {
      position,
      signedLeafHash: leaf.toString('base64'),
      databaseLeafHash: leafHash?.toString('base64') ?? null,
      signedLeaf: { bundle: `/log/${bundle}`, entry: position % TILE_WIDTH },
      checkpoint: published.note,
    });
  }

  /**
   * That the tree of `from` leaves is the beginning of that of `to`, and the checkpoint that was signed at `to`, if one was.
   *
   * @param sizes `from` ≤ `to` ≤ that of the published checkpoint
   * @throws Problem TILES_DAMAGED; CHECKPOINT_DIFFERS when one was signed at `to` over another tree
   */
  async consistency(
    published: Published,
    sizes: { from: number; to: number },
  ): Promise<Consistency & { checkpoint: string | null }> {
    const proved = await this.undamaged(() => proveConsistency(this.files.tilesOf(published), published, sizes));
    const { size, root } = proved.to;
    if (size === published.size) return { ...proved, checkpoint: published.note };
    const signed = await findCheckpoint(this.log.pool, size);
    if (signed === null || signed.root.equals(root)) return { ...proved, checkpoint: signed?.note ?? null };
    throw this.found('CHECKPOINT_DIFFERS', `the checkpoint kept of ${size} leaves is not of the published log`, {
      size,
      root: root.toString('base64'),
      checkpoint: signed.note,
      published: published.note,
    });
  }

  /** What in the row is not borne out by the published checkpoint; null when all is. */
  private async differs({ vkeys, policy }: Identity): Promise<string | null> {
    let keys: VerifierKey[];
    try {
      keys = [...keysOf(vkeys), ...parsePolicy(policy).logs.map(({ key }) => key)];
    } catch (error) {
      if (error instanceof MalformedError) return `the key or the policy in notary.identity is none: ${error.message}`;
      throw error;
    }
    const [stranger] = await this.files.strangers(keys);
    if (stranger === undefined) return null;
    return `the key ${formatVerifierKey(stranger)} in notary.identity did not sign the published checkpoint: the row was altered, or the notary has not signed with a new key yet`;
  }

  /** For the health: whether what is published is whole at its edge, and the key that is served the one that signed. What is damaged takes nothing else away. */
  async health(): Promise<TilesHealth> {
    try {
      const published = await this.read();
      if (published === null) return { size: null };
      await checkEdge(this.files.tilesOf(published), published);
      const identity = await readIdentity(this.log.pool);
      const damage = identity === null ? null : await this.differs(identity);
      return { size: published.size, ...(damage === null ? {} : { damage }) };
    } catch (error) {
      if (error instanceof TilesDamagedError) return { size: null, code: 'TILES_DAMAGED', damage: error.message };
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (syscall === 'open' || syscall === 'read')
        return { size: null, code: 'TILES_DAMAGED', damage: `the tiles cannot be read: ${code}` };
      throw error;
    }
  }

  /** @throws Problem TILES_DAMAGED instead of TilesDamagedError */
  async undamaged<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof TilesDamagedError ? this.found('TILES_DAMAGED', error.message) : error;
    }
  }

  private async read(): Promise<Published | null> {
    const identity = await readIdentity(this.log.pool);
    if (identity === null) return null;
    return this.files.checkpoint(usableKeys(identity));
  }

  /** What somebody did is for the operator to know too, not only for who happened to ask. */
  private found(
    code: 'TILES_DAMAGED' | 'LEAF_DIFFERS' | 'CHECKPOINT_DIFFERS' | 'KEY_DIFFERS',
    detail: string,
    members: NonNullable<ProblemOptions['members']> = {},
  ): Problem {
    this.logger.error({ code, ...members }, detail);
    return new Problem(code, detail, { members });
  }
}

function keysOf(vkeys: string): VerifierKey[] {
  return vkeys.trim().split('\n').map(parseVerifierKey);
}

/** @throws TilesDamagedError where the row holds no keys: nothing that is published can be checked */
function usableKeys({ vkeys }: Identity): VerifierKey[] {
  try {
    return keysOf(vkeys);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new TilesDamagedError(`the keys in notary.identity cannot be read: ${error.message}`, { cause: error });
  }
}

/** @param of what is asked for, in words */
export function pending(of: string, published: Published | null): Problem {
  const covered =
    published === null ? 'nothing is published yet' : `the published checkpoint covers ${published.size} events`;
  return new Problem('CHECKPOINT_PENDING', `${of} is not covered yet: ${covered}`, {
    headers: { 'retry-after': RETRY_AFTER_S },
  });
}
