import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiConfig } from '../api.config.js';
import { Problem } from '../problem.js';

/** Kinds of requests that are counted apart. */
export type Cost = 'usual' | 'costly' | 'open';

/** With authentication. Without it the only callers are on this machine, and nothing is counted unless it is asked for. */
const DEFAULTS: Readonly<Record<Cost, number>> = { usual: 1_200, costly: 60, open: 30_000 };
const WINDOW_MS = 60_000;
/** Callers that are remembered; the one who was silent longest is forgotten first. */
const CALLERS_MAX = 20_000;

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;

/** Apart, so that whoever comes from many addresses makes nobody forget how often a subject came. */
interface Limiters {
  bySubject: Limiter;
  /** Of IPv6 the network (/64): within it whoever has it chooses. */
  byAddress: Limiter;
}

/** How many requests a minute a caller has: by subject of the token, else by address. Each process counts for itself. */
export class RateLimits {
  private constructor(private readonly limiters: ReadonlyMap<Cost, Limiters>) {}

  static async on(instance: FastifyInstance, config: ApiConfig, isAuthOn: boolean): Promise<RateLimits> {
    // Loaded here only: workers, which share this library, count nobody.
    const { default: rateLimit } = await import('@fastify/rate-limit');
    await instance.register(rateLimit, { global: false, cache: CALLERS_MAX });
    const limits: Record<Cost, number | undefined> = {
      usual: config.RATE_LIMIT_PER_MINUTE,
      costly: config.RATE_LIMIT_COSTLY_PER_MINUTE,
      open: config.RATE_LIMIT_OPEN_PER_MINUTE,
    };
    const limiters = (Object.entries(limits) as [Cost, number | undefined][])
      .map(([cost, max]) => [cost, max ?? (isAuthOn ? DEFAULTS[cost] : 0)] as const)
      .filter(([, max]) => max > 0)
      .map(([cost, max]) => {
        const byAddress = instance.createRateLimit({ max, timeWindow: WINDOW_MS });
        const bySubject = instance.createRateLimit({ max, timeWindow: WINDOW_MS, keyGenerator: subjectOf });
        return [cost, { byAddress, bySubject }] as const;
      });
    return new RateLimits(new Map(limiters));
  }

  /** @throws Problem TOO_MANY_REQUESTS */
  async count(request: FastifyRequest, cost: Cost): Promise<void> {
    const limiters = this.limiters.get(cost);
    const outcome = await (request.caller.subject === null ? limiters?.byAddress : limiters?.bySubject)?.(request);
    if (outcome === undefined || outcome.isAllowed || !outcome.isExceeded) return;
    const { max, ttlInSeconds } = outcome;
    throw new Problem('TOO_MANY_REQUESTS', `at most ${max} such requests a minute`, {
      headers: { 'retry-after': String(Math.max(1, ttlInSeconds)) },
    });
  }
}

function subjectOf({ caller }: FastifyRequest): string {
  return caller.subject ?? '';
}
