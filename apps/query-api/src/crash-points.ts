import type { CrashAt } from '#app/runtime';

/** The steps of a citation, all that query-api writes, at which a fault test may end the process. */
export const CRASH_POINTS = ['before-keeping', 'before-commit', 'after-commit'] as const;
export type QueryCrashAt = CrashAt<(typeof CRASH_POINTS)[number]>;

/** Under this name the providers get it. */
export const CRASH_AT = Symbol('CrashAt');
