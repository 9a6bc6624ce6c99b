import { fastify, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type Checks, type Readiness, readiness } from './checks.js';
import { observeRequests, serverOptions } from './fastify-server.js';
import type { HttpConfig } from './http.config.js';
import { sendProblem } from './problem.filter.js';
import { Problem } from './problem.js';
import { measureReadiness } from './readiness-metrics.js';
import { RouteTable } from './route-table.js';
import { assertLoopback, explainListenError } from './startup.js';
import { translateError } from './translate-error.js';

export interface WorkerEndpointsOptions {
  config: HttpConfig;
  logger: Logger;
  registry: Registry;
  checks: Checks;
}

export interface WorkerEndpoints {
  /** For instance `http://127.0.0.1:3010`. */
  url: string;
  close: () => Promise<void>;
}

/**
 * Health and metrics for an app without an API (ingest, projector): the same routes and answers as everywhere.
 *
 * @throws StartupError when the address is not loopback, or the port is taken
 */
export async function workerEndpoints(options: WorkerEndpointsOptions): Promise<WorkerEndpoints> {
  const { config, logger, registry, checks } = options;
  assertLoopback(config.HTTP_HOST);
  const server = fastify(serverOptions(logger, 1_024));
  const routes = new RouteTable();
  server.addHook('onRoute', ({ url, method }) => routes.add(url, method));
  observeRequests(server, registry);
  measureReadiness(registry, () => checks);
  server.setErrorHandler((error, request, reply) => sendProblem(reply, translateError(error), request.url));
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const allow = routes.methodsOf(path).join(', ');
    const problem =
      allow === ''
        ? new Problem('NOT_FOUND', `nothing is served at ${path}`)
        : new Problem('METHOD_NOT_ALLOWED', `${path} takes ${allow}`, { headers: { allow } });
    sendProblem(reply, problem, path);
  });
  server.get('/health/live', () => ({ status: 'live' }));
  const ready = async (request: FastifyRequest): Promise<Readiness> => {
    const { status, checks: results } = await readiness(checks, (check, error) =>
      request.log.warn({ check, err: error }),
    );
    if (status === 'ready') return { status, checks: results };
    throw new Problem('NOT_READY', 'a check is down', { members: { checks: results } });
  };
  server.route({ method: 'GET', url: '/health/ready', handler: ready });
  server.get('/metrics', async (_request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics()),
  );
  try {
    const url = await server.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT });
    return { url, close: () => server.close() };
  } catch (error) {
    throw explainListenError(error, config.HTTP_HOST, config.HTTP_PORT);
  }
}
