import type { DiskBytes } from './proof-disk.js';
import type { Covered } from './proof-steady.js';
import type { ProofCost } from './proof-synthetic.js';
import type { Verified } from './proof-verify.js';
import { type BenchRow, perSecond } from './table.js';

/** The outcome of one process. */
export interface Side {
  leaves: number;
  seconds: number;
  peakMiB: number | null;
  /** Of all threads of the process while it was at work. */
  cpuSeconds: number;
}

/** The notary, and hashing alone right before or after it: what else the machine had to do was about the same. */
export interface Pair {
  hashing: Side;
  notary: Side;
}

/** How fast the notary is beside hashing alone: 1 would be as fast. */
export function ratioOf({ hashing, notary }: Pair): number {
  return notary.leaves / notary.seconds / (hashing.leaves / hashing.seconds);
}

export interface Measured {
  machine: Record<string, string | number>;
  /** Of the machine, at the beginning, in the middle, at the end. */
  load: number[];
  pairs: Pair[];
  /** The pair whose ratio is the median. */
  median: Pair;
  verify: Verified;
  verifyDatabase: Verified;
  disk: DiskBytes;
  covered: Covered;
  proofs: ProofCost;
}

const RATIO_MIN = 0.3;
const RATE_MIN = 50_000;
const BEHIND_MAX_MS = 2_000;
const MEMORY_MAX_MIB = 300;

/** What was asked for beside what was measured. */
export function proofRows({ pairs, median, verify, verifyDatabase, disk, covered, proofs }: Measured): BenchRow[] {
  const { hashing, notary } = median;
  const ratios = pairs.map((pair) => ratioOf(pair).toFixed(2)).toSorted();
  const rate = notary.leaves / notary.seconds;
  const hashRate = hashing.leaves / hashing.seconds;
  const verifyRate = notary.leaves / verify.seconds;
  const databaseRate = notary.leaves / verifyDatabase.seconds;
  return [
    {
      what: 'notary: database → tiles, bundles, published checkpoint',
      ours: `${perSecond(rate, 'leaves')}, ${((notary.cpuSeconds / notary.leaves) * 1e6).toFixed(1)} µs of CPU each`,
      beside: `hashing the same leaves in memory: ${perSecond(hashRate, 'leaves')}; ratios of the pairs: ${ratios.join(', ')}`,
      ratio: ratioOf(median),
      target: `≥ ${RATIO_MIN} ×, ≥ ${RATE_MIN.toLocaleString('en')}/s`,
      met: ratioOf(median) >= RATIO_MIN && rate >= RATE_MIN,
    },
    {
      what: `recorded → under the published checkpoint, ${covered.eventsPerSecond} events/s`,
      ours: `p50 ${covered.p50Ms} ms, p99 ${covered.p99Ms} ms, at most ${covered.maxMs} ms`,
      ...alone(`at most ${BEHIND_MAX_MS / 1000} s`, covered.maxMs <= BEHIND_MAX_MS),
    },
    {
      what: 'ledger verify --log, from disk',
      ours: `${perSecond(verifyRate, 'leaves')} (${verify.processSeconds.toFixed(1)} s, the start of the process included)`,
      ...alone(`≥ ${RATE_MIN.toLocaleString('en')}/s`, verifyRate >= RATE_MIN),
    },
    {
      what: 'the same with --database',
      ours: perSecond(databaseRate, 'leaves'),
      ...alone('', true),
    },
    ...memory({ notary, verify }),
    {
      what: `one .tlog-proof of ${proofs.leaves.toLocaleString('en')} leaves`,
      ours: `${proofs.hashes} hashes, ${proofs.bytesWithoutLeaf} bytes, ${proofs.bytes} with a leaf of ${proofs.leafBytes}`,
      ...alone('', true),
    },
    {
      what: 'making it, and checking it with its signature',
      ours: `p50 ${proofs.makeMs.p50} / ${proofs.checkMs.p50} ms, p99 ${proofs.makeMs.p99} / ${proofs.checkMs.p99} ms`,
      ...alone('', true),
    },
    {
      what: 'bytes on disk an event: bundle and tiles',
      ours: `${disk.bundles} + ${disk.tiles} (blocks: ${disk.allocated})`,
      beside: `ledger.event with indexes: ${disk.table}; all of the log and the keys: ${disk.schema}`,
      ratio: (disk.bundles + disk.tiles) / disk.table,
      target: '',
      met: true,
    },
  ];
}

function memory(processes: Record<string, { peakMiB: number | null }>): BenchRow[] {
  return Object.entries(processes).map(([name, { peakMiB }]) => ({
    what: `peak memory of ${name}`,
    ours: peakMiB === null ? 'unknown' : `${peakMiB} MiB`,
    ...alone(`≤ ${MEMORY_MAX_MIB} MiB`, peakMiB !== null && peakMiB <= MEMORY_MAX_MIB),
  }));
}

/** Nothing to compare with. */
function alone(target: string, met: boolean): Pick<BenchRow, 'beside' | 'ratio' | 'target' | 'met'> {
  return { beside: '', ratio: null, target, met };
}
