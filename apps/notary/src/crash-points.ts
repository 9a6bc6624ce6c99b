import { kill, pid } from 'node:process';

/** The steps of a checkpoint at which a fault test may end the process, as `kill -9` would. */
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
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Ends the process here and now when LEDGER_CRASH_AT names this point. Off unless a test sets it. */
export type CrashAt = (point: CrashPoint) => void;

export function crashPoints(chosen: string | undefined): CrashAt {
  return (point) => {
    if (point === chosen) kill(pid, 'SIGKILL');
  };
}
