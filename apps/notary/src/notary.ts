import { findHead, type Head } from '#app/log';
import { HASH_BYTES, type Policy } from '#app/transparency';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { insertCheckpoint, newestSizes, type SignedRow } from './checkpoint-rows.js';
import { Cosigning } from './cosigning.js';
import type { NotaryCrashAt } from './crash-points.js';
import type { GrowingTree } from './growing-tree.js';
import { writeIdentity } from './identity.js';
import { cutRun, type LeafRun } from './leaf-run.js';
import { foldersInWork } from './left-temporaries.js';
import type { NotaryMetrics } from './notary-metrics.js';
import { OldPartials } from './old-partials.js';
import { Publishing } from './publishing.js';
import { readLeaves } from './read-leaves.js';
import { type Recovered, recover } from './recover/recover.js';
import { logBehind } from './refusal.js';
import { cosignaturesOf, type LogSigner, type Signed } from './signing.js';
import type { TileStore } from './tile-store.js';
import { TileWriting } from './tile-writing.js';
import type { Witnesses } from './witnesses/witnesses.js';

/** Leaves read before anything else is looked at. */
const PAGE = 16_384;
const IDLE_MS = 100;
/** Of so many checkpoints that were signed last, partial tiles may have been left by a kill. */
const LEFT_PARTIALS = 32;

export interface NotaryParts {
  pool: Pool;
  store: TileStore;
  signer: LogSigner;
  /** As it is published. */
  policy: { text: string; policy: Policy };
  witnesses: Witnesses;
  metrics: NotaryMetrics;
  logger: Logger;
  intervalMs: number;
  crashAt: NotaryCrashAt;
  /** Ends what takes long. */
  signal: AbortSignal;
}

/**
 * One notary at work: grows the tree with the log, signs, publishes. Made out of what was signed before, and thrown away
 * after any error: the next one begins again with that.
 */
export class Notary {
  private readonly writing: TileWriting;
  private readonly partials: OldPartials;
  private readonly cosigning: Cosigning;
  private readonly publishing: Publishing;
  private readonly tree: GrowingTree;
  private signed: Signed | null = null;
  /** Hash of the last leaf, to be found again when the next ones are read. */
  private lastLeaf: Buffer | null = null;
  /** Checkpoints since it was opened. */
  private signedHere = 0;
  /** When the last checkpoint was signed, by the clock that never steps. */
  private signedAt = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly parts: NotaryParts,
    { tree, newest }: Recovered,
  ) {
    this.tree = tree;
    this.writing = new TileWriting(parts.store);
    this.partials = new OldPartials(parts.store);
    this.cosigning = new Cosigning({ ...parts, policy: parts.policy.policy });
    this.publishing = new Publishing(parts);
    if (newest !== null) this.signed = this.again(newest);
  }

  /**
   * @returns null while there is no log
   * @throws Refusal when what is there does not fit what was signed
   */
  static async open(parts: NotaryParts): Promise<Notary | null> {
    const { pool, signer, policy, witnesses } = parts;
    const head = await findHead(pool);
    if (head === null || head.position < 0) return null;
    const recovered = await recover(parts, head.position + 1);
    const notary = new Notary(parts, recovered);
    for (const size of await newestSizes(pool, LEFT_PARTIALS)) notary.partials.remember(size);
    for (const folder of foldersInWork(notary.tree.size)) await parts.store.removeTemporaries(folder);
    await writeIdentity(pool, { vkeys: signer.vkeys, policy: policy.text });
    if (recovered.newest !== null) witnesses.recall(recovered.newest.note);
    return notary;
  }

  get size(): number | null {
    return this.signed?.size ?? null;
  }

  /** One step. @returns how long to wait before the next, in milliseconds */
  async turn(): Promise<number> {
    const end = endOf(await findHead(this.parts.pool));
    if (end < (this.signed?.size ?? 0)) throw logBehind({ ends: end - 1, signed: (this.signed?.size ?? 0) - 1 });
    if (end < this.tree.size) throw new Error('the log has become shorter: the database is another one now');
    if (end > this.tree.size) await this.grow(Math.min(end, this.tree.size + PAGE));
    if (this.tree.size > (this.signed?.size ?? 0) && this.isDue()) await this.sign();
    await this.keepPublished();
    return this.tree.size < end ? 0 : IDLE_MS;
  }

  /** Reads on from the last leaf, which must still be the one that it was. */
  private async grow(to: number): Promise<void> {
    const { pool, metrics, crashAt } = this.parts;
    const from = this.tree.size;
    for await (const run of readLeaves(pool, { from: this.lastLeaf === null ? from : from - 1, to })) {
      const fresh = run.from < from ? this.behindLast(run) : run;
      if (fresh.from < fresh.to) await this.writing.add(this.tree.append(fresh));
      this.lastLeaf = run.hashes.subarray(-HASH_BYTES);
    }
    metrics.hashed(to - from);
    crashAt('after-full-tiles');
  }

  /** What comes behind the last leaf. @throws Error when that is another one now */
  private behindLast(run: LeafRun): LeafRun {
    const [last, fresh] = cutRun(run, this.tree.size);
    if (this.lastLeaf?.equals(last.hashes) !== true) throw new Error(`position ${last.from} has changed`);
    return fresh;
  }

  private isDue(): boolean {
    return performance.now() - this.signedAt >= this.parts.intervalMs;
  }

  /** Tiles on disk, then the row, then the witnesses: what is published next can be proved by anyone. */
  private async sign(): Promise<void> {
    const { pool, signer, metrics, logger, crashAt } = this.parts;
    this.signedAt = performance.now();
    const next = this.tree.head();
    await this.writing.add(this.tree.partials());
    await this.writing.drain();
    if (this.signedHere === 0) this.partials.rememberBetween(this.signed?.size ?? 0, next.size);
    this.partials.remember(next.size);
    this.signedHere += 1;
    crashAt('after-partial-tiles');
    const signed: Signed = { ...next, text: signer.textOf(next), cosignatures: [] };
    const note = signer.noteOf(signed);
    await insertCheckpoint(pool, {
      previous: this.signed,
      next,
      sign: () => {
        crashAt('before-row');
        return note;
      },
    });
    this.signed = signed;
    crashAt('after-row');
    metrics.signed();
    logger.debug({ size: next.size }, 'checkpoint signed');
    await this.cosigning.ask(signed, note);
    crashAt('after-witnesses');
  }

  private async keepPublished(): Promise<void> {
    const { signed } = this;
    if (signed === null) return;
    const { metrics, signer, crashAt } = this.parts;
    const note = signer.noteOf(signed);
    const isNew = await this.publishing.keep({ size: signed.size, note });
    this.cosigning.begin(signed, note);
    if (!isNew) return;
    metrics.published({
      isWitnessed: this.cosigning.isWitnessed({ text: signed.text, signatures: signed.cosignatures }),
    });
    await this.partials.remove(signed.size);
    crashAt('after-removing');
  }

  /** What was signed before, in this or another process: the keys may have changed since. */
  private again({ size, root, note }: SignedRow): Signed {
    const { signer, policy } = this.parts;
    return { size, root, text: signer.textOf({ size, root }), cosignatures: cosignaturesOf(note, policy.policy) };
  }
}

function endOf(head: Head | null): number {
  return (head?.position ?? -1) + 1;
}
