import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';

/** Lets pages of any origin read the answer, refusals as well: the log is public, and its checkers may run in a browser. */
@Injectable()
export class OpenToAnyone implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    void context.switchToHttp().getResponse<FastifyReply>().header('access-control-allow-origin', '*');
    return next.handle();
  }
}
