import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { Counter, Histogram, type Registry } from 'prom-client';
import { sendProblem } from './problem.filter.js';
import type { HttpProblemCode } from './problem-codes.js';
import { problemDocument, PROBLEM_CONTENT_TYPE } from './problem.js';
import { translateError } from './translate-error.js';

const REQUEST_ID = /^[\w.:-]{1,128}$/;
const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Options of every Fastify server here: our logger, a request id, problem+json for what fails before any route. */
export function serverOptions(logger: Logger, bodyLimit: number) {
  return {
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    // Idle keep-alive connections end at once when we drain; requests under way are answered.
    forceCloseConnections: 'idle' as const,
    return503OnClosing: false,
    requestTimeout: 30_000,
    http: {
      // Long lists of filters make long addresses, and Node counts them as headers.
      maxHeaderSize: 65_536,
      // Whoever sends a byte now and then must not hold a connection: headers whole in 10 s, looked at every second.
      headersTimeout: 10_000,
      connectionsCheckingInterval: 1_000,
    },
    routerOptions: { maxParamLength: 1_000 },
    genReqId: (request: { headers: IncomingMessage['headers'] }): string => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
      void reply.header('x-request-id', request.id);
      sendProblem(reply, translateError(error), request.url.split('?', 1)[0] ?? '/');
    },
    clientErrorHandler: refuseBrokenRequest,
  };
}

/** Bytes that are not even HTTP: there is no request object, so the answer is written by hand. */
function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const problem = problemDocument(brokenRequestCode(error));
  // RFC 9110 wants `Allow` with a 405; which path it was is not known here, and no route takes any other method.
  const allow = problem.status === 405 ? 'allow: GET, HEAD, POST\r\n' : '';
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} Refused\r\n${allow}content-type: ${PROBLEM_CONTENT_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function brokenRequestCode(error: NodeJS.ErrnoException & { rawPacket?: Buffer }): HttpProblemCode {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'HEADERS_TOO_LARGE';
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'REQUEST_TIMEOUT';
  // A method that Node does not know, in a request that is otherwise one.
  const isRequest = /^[A-Z]+ \S+ HTTP\/1\.[01]\r\n/.test(error.rawPacket?.toString('latin1') ?? '');
  return error.code === 'HPE_INVALID_METHOD' && isRequest ? 'METHOD_NOT_ALLOWED' : 'BAD_REQUEST';
}

/** One log line and one observation per answer. Query strings stay out of the log. */
export function observeRequests(instance: FastifyInstance, registry: Registry): void {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from request to the end of the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_S,
    registers: [registry],
  });
  // Without labels, so that it is there from the start: a series that begins with its first failures has not increased, for Prometheus.
  const errors = new Counter({
    name: 'http_server_errors_total',
    help: 'Answers with a status of 500 or above, but for those of /health/',
    registers: [registry],
  });
  instance.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  instance.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    durations.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    if (reply.statusCode >= 500 && !route.startsWith('/health/')) errors.inc();
    const quiet = route.startsWith('/health') || route === '/metrics';
    request.log[quiet ? 'debug' : 'info'](
      {
        method: request.method,
        path: request.url.split('?', 1)[0],
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      'answered',
    );
    done();
  });
}

/**
 * What HEAD does not send is not read either: Fastify would run a stream to its end with nobody to take it, however much of
 * the log that is.
 */
export function streamNothingForHead(instance: FastifyInstance): void {
  instance.addHook('onSend', async (request, _reply, payload) => {
    if (request.method !== 'HEAD' || !(payload instanceof Readable)) return payload;
    payload.destroy();
    return Readable.from([]);
  });
}
