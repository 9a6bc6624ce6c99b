import { faultOf, LateError, within } from '#app/runtime';

/** Throws (or takes too long) when the app cannot do its work; may return details that are safe to show. */
export type Check = () => Promise<Readonly<Record<string, unknown>> | void>;
export type Checks = Readonly<Record<string, Check>>;

/** Thrown by a check whose reason may be shown to whoever asks for the health: `details` stand in the answer. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError';

  constructor(
    message: string,
    readonly details: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }
}

export interface CheckResult {
  status: 'up' | 'down';
  [detail: string]: unknown;
}

export interface Readiness {
  status: 'ready' | 'not ready';
  checks: Record<string, CheckResult>;
}

const TIMEOUT_MS = 2_000;

function detailsOf(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof CheckFailedError) return error.details;
  return error instanceof LateError ? { ...faultOf(error) } : {};
}

/** Runs all checks at once. Why one is down goes to `tell`; to the answer only what a `CheckFailedError` gives for it. */
export async function readiness(checks: Checks, tell: (name: string, error: unknown) => void): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, CheckResult]> => {
      try {
        return [name, { ...(await within(TIMEOUT_MS, check())), status: 'up' }];
      } catch (error) {
        tell(name, error);
        return [name, { ...detailsOf(error), status: 'down' }];
      }
    }),
  );
  const isReady = results.every(([, { status }]) => status === 'up');
  return { status: isReady ? 'ready' : 'not ready', checks: Object.fromEntries(results) };
}
