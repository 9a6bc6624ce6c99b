import { kill, pid } from 'node:process';
import { IsIn, IsOptional } from 'class-validator';

/** Ends the process here and now, as `kill -9` would, when this is the point that LEDGER_CRASH_AT names. */
export type CrashAt<Point extends string> = (point: Point) => void;

/** @param chosen the value of LEDGER_CRASH_AT; undefined (always but in fault tests): no point does anything */
export function crashPoints<Point extends string>(chosen: string | undefined): CrashAt<Point> {
  return (point) => {
    if (point === chosen) kill(pid, 'SIGKILL');
  };
}

/** The rule for LEDGER_CRASH_AT in the configuration of an app: absent, or one of its own points. */
export function IsCrashPoint(points: readonly string[]): PropertyDecorator {
  const rules = [IsOptional(), IsIn(points, { message: `LEDGER_CRASH_AT must be one of ${points.join(', ')}` })];
  return (target, property) => {
    for (const rule of rules) rule(target, property);
  };
}
