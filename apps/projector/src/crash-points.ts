import type { ProjectionStep } from '#app/read-models';
import type { CrashAt } from '#app/runtime';

/** The steps of a page of events and of the digests of a snapshot at which a fault test may end the process. */
export const CRASH_POINTS = [
  'after-fold',
  'after-rows',
  'after-checkpoint',
  'after-commit',
  'after-digests',
  'after-sending-digests',
] as const satisfies readonly (ProjectionStep | 'after-digests' | 'after-sending-digests')[];
export type ProjectorCrashAt = CrashAt<(typeof CRASH_POINTS)[number]>;
