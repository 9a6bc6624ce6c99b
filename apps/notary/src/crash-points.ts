import type { CrashAt } from '#app/runtime';

/** The steps of a checkpoint at which a fault test may end the process. */
export const CRASH_POINTS = [
  'after-full-tiles',
  'after-partial-tiles',
  'before-row',
  'after-row',
  'after-witnesses',
  'after-staging',
  'after-replacing',
  'after-publishing',
  'after-removing',
] as const;
export type NotaryCrashAt = CrashAt<(typeof CRASH_POINTS)[number]>;
