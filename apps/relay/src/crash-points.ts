import type { CrashAt } from '#app/runtime';

/** The steps of a page at which a fault test may end the process. */
export const CRASH_POINTS = ['after-reading', 'after-chunk', 'after-sending', 'after-checkpoint'] as const;
export type RelayCrashAt = CrashAt<(typeof CRASH_POINTS)[number]>;
