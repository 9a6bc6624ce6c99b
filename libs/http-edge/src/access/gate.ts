import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Cost, RateLimits } from '../limits/rate-limits.js';
import { refuseEncoding, refuseHost } from '../limits/refuse-request.js';
import { sendProblem } from '../problem.filter.js';
import { Problem } from '../problem.js';
import { StartupError } from '../startup.js';
import { translateError } from '../translate-error.js';
import type { RouteAccess } from './access.decorator.js';
import { ANYBODY, type Caller, type Role, STRANGER } from './caller.js';
import { challenge } from './challenge.js';
import { keepPrivate } from './keep-private.js';
import type { TokenVerifier } from './token-verifier.js';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
  }
}

/** Descriptions hold no data, and a browser that opens a page sends no token. */
const DESCRIPTIONS = /^\/(openapi\.json|docs(\/.*)?)$/;
/** Those who watch over the process are not counted. */
const HEALTH = /^\/health\//;

/**
 * Stands before every route: says who calls, and whether he may, before a byte of a body is read. A route that does not
 * declare who may use it ends the start.
 */
export class Gate {
  readonly #access = new Map<string, RouteAccess>();
  #limits: RateLimits | null = null;

  /** @param verifier null where no authentication is configured: whoever reaches the app may do everything */
  constructor(private readonly verifier: TokenVerifier | null) {}

  /** Must come before the first route. */
  install(instance: FastifyInstance): void {
    instance.decorateRequest('caller');
    instance.addHook('onRoute', (route) => this.declare(route));
    instance.addHook('onRequest', async (request, reply) => this.admit(request, reply));
    // For whoever runs it: how each route is guarded, once.
    instance.addHook('onReady', (done) => {
      const routes = Object.fromEntries(
        [...this.#access].map(([route, access]) => [route, access === 'open' ? access : access.roles]),
      );
      instance.log.info({ authentication: this.verifier !== null, routes }, 'who may use what');
      done();
    });
    instance.addHook('onSend', async (request, reply) => {
      if (this.verifier !== null && this.accessOf(request) !== 'open') keepPrivate(reply);
    });
  }

  limitBy(limits: RateLimits): void {
    this.#limits = limits;
  }

  private declare({ method, url, config }: RouteOptions): void {
    const access = config?.access ?? (DESCRIPTIONS.test(url) ? 'open' : undefined);
    for (const each of [method].flat()) {
      if (access === undefined) throw new StartupError(`${each} ${url} does not declare who may use it (@Access)`);
      this.#access.set(`${each} ${url}`, access);
    }
  }

  private accessOf({ method, routeOptions }: FastifyRequest): RouteAccess | undefined {
    return this.#access.get(`${method} ${routeOptions.url ?? ''}`);
  }

  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    request.caller = this.verifier === null ? ANYBODY : STRANGER;
    try {
      refuseHost(request);
      refuseEncoding(request);
      await this.judge(request, this.accessOf(request));
      return undefined;
    } catch (error) {
      const problem = translateError(error);
      if (problem.getStatus() >= 500) request.log.warn({ err: error, code: problem.code }, 'could not be judged');
      sendProblem(reply, problem, request.url.split('?', 1)[0] ?? '/');
      return reply;
    }
  }

  private async judge(request: FastifyRequest, access: RouteAccess | undefined): Promise<void> {
    if (HEALTH.test(request.routeOptions.url ?? '')) return;
    // A path that nothing is served at is nobody's secret: the description names every route.
    if (request.is404 || access === 'open') return this.count(request, 'open');
    if (access === undefined) throw new Problem('FORBIDDEN', 'nobody may use this');
    try {
      if (this.verifier !== null) request.caller = await this.verifier.callerOf(tokenOf(request));
    } finally {
      // Whoever was not let in is counted by his address.
      await this.count(request, access.isCostly === true ? 'costly' : 'usual');
    }
    requireRole(request.caller, access.roles);
  }

  private async count(request: FastifyRequest, cost: Cost): Promise<void> {
    await this.#limits?.count(request, cost);
  }
}

/** @throws Problem UNAUTHENTICATED, TOKEN_INVALID */
function tokenOf({ raw }: FastifyRequest): string {
  const given = raw.headers.authorization;
  if (given === undefined || !/^bearer(\s|$)/i.test(given)) {
    throw new Problem('UNAUTHENTICATED', 'send `Authorization: Bearer <token>`', { headers: challenge() });
  }
  // Node keeps the first of several, a proxy may have looked at the last.
  const times = raw.rawHeaders.filter(
    (text, index) => index % 2 === 0 && text.toLowerCase() === 'authorization',
  ).length;
  const token = /^bearer +([\w.~+/-]+=*)$/i.exec(given)?.[1];
  if (token !== undefined && times === 1) return token;
  const reason = times > 1 ? 'several tokens were sent' : 'the token is not a signed JWT';
  throw new Problem('TOKEN_INVALID', reason, { headers: challenge('invalid_token', reason) });
}

/** @throws Problem FORBIDDEN */
function requireRole({ roles: held }: Caller, roles: readonly Role[]): void {
  if (roles.some((role) => held.has(role))) return;
  const reason = `this needs the role ${roles.join(' or ')}`;
  throw new Problem('FORBIDDEN', reason, {
    headers: challenge('insufficient_scope', reason, roles.join(' ')),
    members: { roles: [...roles] },
  });
}
