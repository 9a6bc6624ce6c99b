import { type ArgumentsHost, Catch, type ExceptionFilter, Logger, NotFoundException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem, PROBLEM_CONTENT_TYPE } from './problem.js';
import type { RouteTable } from './route-table.js';
import { translateError } from './translate-error.js';

/** Every refusal leaves as application/problem+json (RFC 9457): ours, Nest's, Fastify's, and what nobody expected. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('http');

  constructor(private readonly routes: RouteTable) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = this.unmatched(error, request) ?? translateError(error);
    if (problem.getStatus() >= 500 && !(error instanceof Problem)) {
      this.log.error({ reqId: request.id, err: error, code: problem.code });
    }
    // A stream that broke after its first byte: nothing can be said any more, the connection ends.
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    sendProblem(reply, problem, pathOf(request));
  }

  /** Nest's own not-found, told apart from a wrong method; a handler that finds nothing throws a Problem instead. */
  private unmatched(error: unknown, request: FastifyRequest): Problem | undefined {
    // Whatever else is wrong with a request that no route takes, this is the first thing to say.
    if (!request.is404 && !(error instanceof NotFoundException)) return undefined;
    const path = pathOf(request);
    const methods = this.routes.methodsOf(path);
    if (methods.length === 0) return new Problem('NOT_FOUND', `nothing is served at ${path}`);
    return new Problem('METHOD_NOT_ALLOWED', `${path} takes ${methods.join(', ')}`, {
      headers: { allow: methods.join(', ') },
    });
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem, instance: string): void {
  reply
    .status(problem.getStatus())
    .removeHeader('etag')
    .headers({ 'cache-control': 'no-store', ...problem.headers })
    .header('content-type', PROBLEM_CONTENT_TYPE);
  // Serialised here: a serialiser that a handler chose for its own format must not touch this.
  void reply.serializer((text: string) => text).send(JSON.stringify(problem.document(instance)));
}

function pathOf(request: FastifyRequest): string {
  const path = request.url.split('?', 1)[0] ?? '/';
  return path === '' ? '/' : path;
}
