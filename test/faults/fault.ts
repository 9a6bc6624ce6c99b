import type { Load } from './load.js';
import type { World } from './world.js';

/** Numbers in [0, 1), the same for the same seed. */
export type Random = () => number;

/** One class of faults. What it does to the system is one small file in `injected/`; what must hold afterwards is `oracle/`. */
export interface Fault {
  /** That of its file. */
  name: string;
  /** What the system promises under it, one sentence. */
  promise: string;
  /** Each is injected by itself and followed by the oracle. Default: one case without a name. */
  cases?: readonly string[];
  /** How many of its cases, chosen by the seed, belong to the short form inside `npm test`. Default: none. */
  short?: number;
  /** It can be injected while others are: then it is part of the random mixes. */
  mixes?: boolean;
  /** It fills a small disk, which only somebody with the right to mount one has. */
  needsSmallDisks?: boolean;
  /** It is injected into a world of its own, on three brokers. */
  needsCluster?: boolean;
  /** The load must be slow and small: the fault counts messages itself. */
  quiet?: boolean;
  /** Resolves with what was injected, in words, when nothing of it is left. The load runs meanwhile. */
  inject(world: World, random: Random, given: Given): Promise<string>;
}

export interface Given {
  /** One of `cases`; '' when there are none. */
  chosen: string;
  load: Load;
}

export const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;

/** A whole number of [from, to]. */
export const between = (random: Random, from: number, to: number): number =>
  from + Math.floor(random() * (to - from + 1));
