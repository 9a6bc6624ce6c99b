import type { CrashAt } from '#app/runtime';

/** The steps of a steward's action and of a replay, all that audit-api writes, at which a fault test may end the process. */
export const CRASH_POINTS = [
  'before-sending',
  'after-sending',
  'replay-begun',
  'replay-compared',
  'replay-finished',
] as const;
export type AuditCrashAt = CrashAt<(typeof CRASH_POINTS)[number]>;

/** Under this name the providers get it. */
export const CRASH_AT = Symbol('CrashAt');
