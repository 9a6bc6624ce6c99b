import { type Asking, createPool, type Fault, faultOf, schemaLevel, schemaProblem } from '#app/runtime';
import { type Check, CheckFailedError } from './checks.js';
import { StartupError } from './startup.js';

const STATE = `
  SELECT pg_is_in_recovery()
         OR (SELECT reset_val = 'on' AND source NOT IN ('client', 'session') FROM pg_settings
              WHERE name = 'default_transaction_read_only') AS "isReadOnly",
         extract(epoch FROM clock_timestamp())::float8 AS now`;

/** Seconds by which two clocks may differ before it is worth a word: far more than NTP leaves. */
const CLOCKS_DIFFER_S = 60;

/**
 * Whether the database answers, takes writes where the app has to write, and has the schema that this version works with.
 * Tells, and does not fail for, a later schema that it can work with, and a clock that is not ours.
 */
export function databaseCheck(database: Asking, { writes }: { writes: boolean }): Check {
  return async () => {
    try {
      const { rows } = await database.query(STATE);
      const [{ isReadOnly, now }] = rows as [{ isReadOnly: boolean; now: number }];
      if (writes && isReadOnly) throw failure({ code: 'DATABASE_READ_ONLY', reason: 'the database takes no writes' });
      const level = await schemaLevel(database);
      const problem = schemaProblem(level);
      if (problem !== null) throw failure(problem);
      const difference = Math.round(now - Date.now() / 1000);
      return {
        ...(level.ahead.length > 0 ? { schemaAhead: level.ahead } : {}),
        ...(Math.abs(difference) < CLOCKS_DIFFER_S
          ? {}
          : { code: 'CLOCKS_DIFFER', reason: `the clock of the database is ${difference} s ahead of ours` }),
      };
    } catch (error) {
      throw error instanceof CheckFailedError ? error : failure(faultOf(error), error);
    }
  };
}

/**
 * Refuses to start on a database that this version cannot work with. One that does not answer is left to the health check:
 * every app waits for it.
 *
 * @throws StartupError
 */
export async function assertSchema(database: Asking): Promise<void> {
  const level = await schemaLevel(database).catch(() => null);
  const problem = level === null ? null : schemaProblem(level);
  if (problem !== null) throw new StartupError(`${problem.code}: ${problem.reason}`);
}

/** The same for an app that opens its connections later. */
export async function refuseOtherSchema(databaseUrl: string, role: string): Promise<void> {
  const pool = createPool(databaseUrl, {
    role,
    max: 1,
    applicationName: `${role} start`,
    statementTimeoutMs: 20_000,
    answerTimeoutMs: 25_000,
  });
  try {
    await assertSchema(pool);
  } finally {
    await pool.end();
  }
}

interface ToldFault extends Fault {
  readonly [detail: string]: unknown;
}

/** A check that fails for a reason that may be told. */
export function failure({ code, reason, ...more }: ToldFault, cause?: unknown): CheckFailedError {
  const error = new CheckFailedError(`${code}: ${reason}`, { code, reason, ...more });
  error.cause = cause;
  return error;
}
