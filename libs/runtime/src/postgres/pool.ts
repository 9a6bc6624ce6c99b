import pg from 'pg';
import { withCertificates } from './address.js';

export interface PoolOptions {
  /** Database role of the app: the connection drops to it (SET ROLE), so that the grants hold whoever logs in. */
  role?: string;
  max?: number;
  applicationName?: string;
  /** Default: no limit, for work that may take any time. */
  statementTimeoutMs?: number;
  /** The longest wait for somebody else's lock; half a minute where nothing is said, for nobody should wait for ever. */
  lockTimeoutMs?: number;
  /**
   * The longest wait for an answer; must be above `statementTimeoutMs`. Without it, a connection that the network has
   * forgotten (nobody is told) is waited for for ever. Default: no limit, for pools whose statements may take any time.
   */
  answerTimeoutMs?: number;
}

const LOCK_TIMEOUT_MS = 30_000;

/**
 * A pool whose values fit the domain: bigint as a number (positions stay below 2^53; more is an error, never rounded),
 * civil dates as `YYYY-MM-DD` (no time zone may move them), timestamps as Date.
 */
export function createPool(databaseUrl: string, options: PoolOptions = {}): pg.Pool {
  const settings = [
    options.role === undefined ? [] : [`-c role=${options.role}`],
    // A stopped process must not keep the counter row locked.
    ['-c idle_in_transaction_session_timeout=5000'],
    options.statementTimeoutMs === undefined ? [] : [`-c statement_timeout=${options.statementTimeoutMs}`],
    [`-c lock_timeout=${options.lockTimeoutMs ?? LOCK_TIMEOUT_MS}`],
    ['-c timezone=UTC'],
  ].flat();
  const pool = new pg.Pool({
    connectionString: withCertificates(databaseUrl),
    max: options.max ?? 5,
    application_name: options.applicationName ?? 'conflict-ledger',
    options: settings.join(' '),
    connectionTimeoutMillis: 10_000,
    ...(options.answerTimeoutMs === undefined ? {} : { query_timeout: options.answerTimeoutMs }),
    types: { getTypeParser },
  });
  // An idle client that the server drops emits here; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

const { INT8, DATE, TIMESTAMPTZ } = pg.types.builtins;
const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8, safeInteger],
  [DATE, (text) => text],
  [TIMESTAMPTZ, (text) => new Date(text)],
]);

const getTypeParser: typeof pg.types.getTypeParser = (id, format) =>
  (format === 'binary' ? undefined : PARSERS.get(id)) ?? (pg.types.getTypeParser(id, format) as unknown);

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit a JSON number`);
  return value;
}
