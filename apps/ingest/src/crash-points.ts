import type { CrashAt } from '#app/runtime';

/** The steps of ingest at which a fault test may end the process: of a batch, and of the notices of what was refused. */
export const CRASH_POINTS = [
  'after-cursor',
  'after-insert',
  'after-commit',
  'before-kafka-commit',
  'after-notices',
] as const;
export type IngestCrashAt = CrashAt<(typeof CRASH_POINTS)[number]>;
