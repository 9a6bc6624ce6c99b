import { kill, pid } from 'node:process';

/** The steps of a batch at which a fault test may end the process, as `kill -9` would. */
export const CRASH_POINTS = ['after-cursor', 'after-insert', 'after-commit', 'before-kafka-commit'] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Ends the process here and now when LEDGER_CRASH_AT names this point. Off unless a test sets it. */
export type CrashAt = (point: CrashPoint) => void;

export function crashPoints(chosen: string | undefined): CrashAt {
  if (chosen === undefined || chosen === '') return () => undefined;
  return (point) => {
    if (point === chosen) kill(pid, 'SIGKILL');
  };
}
