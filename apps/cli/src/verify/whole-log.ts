import { type Checkpoint, TILE_WIDTH, tileReader } from '#app/transparency';
import type { Output } from '../terminal/output.js';
import type { CheckedBundle } from './check-bundle.js';
import { placesOf, RANGE_BUNDLES, readBundle, type RangeJob } from './check-range.js';
import { type Check, failed, Findings } from './findings.js';
import { RunOrder } from './leaf-order.js';
import type { LogSource } from './log-source.js';
import type { RangeRunner } from './range-runner.js';
import { SignedTree } from './signed-tree.js';
import { inOrder } from './threads.js';
import { TreeCheck } from './tree-check.js';

/** What is fetched over HTTP waits in memory until a thread has time for it. */
const FETCHED_BUNDLES = 4;

export interface WholeLogOptions {
  source: LogSource;
  /** As its log signed it, or at least claims. */
  checkpoint: Checkpoint;
  runner: RangeRunner;
  treeOnly: boolean;
  /** Findings of each check. */
  limit: number;
}

/** Checks every entry and every tile of every level against the root of a checkpoint, and our promises about leaves. */
export async function checkWholeLog(options: WholeLogOptions, output: Output): Promise<Check[]> {
  const { checkpoint, source, treeOnly, limit } = options;
  const read = tileReader(source.read);
  const findings = { tree: new Findings(limit), leaves: new Findings(limit) };
  const tree = new TreeCheck(await SignedTree.open(checkpoint, read), read, findings.tree);
  const order = new RunOrder(checkpoint.origin);
  const progress = output.progress('verifying', checkpoint.size, 'leaves');
  let done = 0;
  try {
    for await (const range of checkedInOrder(options)) {
      for (const bundle of range) {
        await tree.add(bundle);
        findings.leaves.add(...bundle.leafFindings, ...(bundle.leaves === null ? [] : order.next(bundle.leaves)));
        done += bundle.width;
      }
      progress.update(done);
      // What the leaves are listed for does not end the check: the tree is what counts.
      if (findings.tree.isFull) break;
    }
    if (done === checkpoint.size) await tree.finish(checkpoint);
  } finally {
    progress.stop();
  }
  const checks = [findings.tree.toCheck('tree', `${checkpoint.size} entries, every tile and the root are as signed`)];
  if (!treeOnly) checks.push(leavesCheck(findings.leaves, done, checkpoint.size));
  return checks;
}

function leavesCheck(findings: Findings, done: number, size: number): Check {
  if (done < size && findings.list.length === 0) {
    return failed('leaves', {
      kind: 'NOT_CHECKED',
      detail: `only ${done} of ${size} were read: the tree has too many faults`,
    });
  }
  return findings.toCheck('leaves', 'canonical, at their positions, of one log, in the order of time');
}

/** The bundles of the log in their order, each range of them checked by one of several threads. */
function checkedInOrder(options: WholeLogOptions): AsyncGenerator<CheckedBundle[], void, undefined> {
  return inOrder(options.runner, jobsOf(options));
}

function* jobsOf(options: WholeLogOptions): Generator<Promise<RangeJob>, void, undefined> {
  for (const range of rangesOf(options)) yield jobOf(range, options);
}

interface Range {
  first: number;
  count: number;
  size: number;
}

function* rangesOf({ checkpoint: { size }, source }: WholeLogOptions): Generator<Range, void, undefined> {
  const bundles = Math.ceil(size / TILE_WIDTH);
  const width = source.folder === null ? FETCHED_BUNDLES : RANGE_BUNDLES;
  for (let first = 0; first < bundles; first += width) {
    yield { first, count: Math.min(width, bundles - first), size };
  }
}

async function jobOf(range: Range, { source, treeOnly }: WholeLogOptions): Promise<RangeJob> {
  if (source.folder !== null) return { ...range, treeOnly, from: { folder: source.folder } };
  const files = await Promise.all(placesOf(range).map((place) => readBundle(source.read, place)));
  return { ...range, treeOnly, from: { files } };
}
