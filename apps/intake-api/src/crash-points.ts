import type { CrashAt } from '#app/runtime';

/** The steps of a request at which a fault test may end the process. */
export const CRASH_POINTS = ['before-sending', 'before-answer'] as const;
export type IntakeCrashAt = CrashAt<(typeof CRASH_POINTS)[number]>;
