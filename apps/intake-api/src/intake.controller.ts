import { Controller, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TOPICS, TYPES } from '#app/contract';
import { ApiProblems } from '#app/http-edge';
import { AcceptedDto, AcceptedListDto, DecisionParameters, ReportParameters } from './intake.dto.js';
import { Intake, type Accepted } from './intake.js';
import type { Submission } from './submission.js';

/** What both routes share in the OpenAPI document; the bodies are described in `openapi.ts`. */
function Documented(summary: string): MethodDecorator {
  const decorators = [
    ApiOperation({ summary }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Plain data need it: it becomes the CloudEvents id (lines: `<key>/<line>`). The same key with the same content is recorded once.',
      schema: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[ -~]*[!-~][ -~]*$' },
    }),
    ApiResponse({
      status: 202,
      description: 'Durable in Kafka. A batch or lines are answered with a list.',
      content: {
        'application/json': {
          schema: { anyOf: [{ $ref: getSchemaPath(AcceptedDto) }, { $ref: getSchemaPath(AcceptedListDto) }] },
        },
      },
    }),
    ApiProblems(
      'BAD_REQUEST',
      'MALFORMED_JSON',
      'EMPTY_BODY',
      'UNKNOWN_PARAMETER',
      'INVALID_PARAMETER',
      'IDEMPOTENCY_KEY_REQUIRED',
      'SOURCE_NOT_ALLOWED',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'INVALID_MESSAGE',
    ),
  ];
  return (target, key, descriptor) => {
    for (const decorate of decorators) decorate(target, key, descriptor);
  };
}

@ApiTags('intake')
@ApiExtraModels(AcceptedDto, AcceptedListDto)
@Controller('v1')
export class IntakeController {
  constructor(private readonly intake: Intake) {}

  @Post('reports')
  @HttpCode(202)
  @Documented('Publish reports and withdrawals; one that is wrong, and none is sent')
  async publishReports(
    @Query() { source, type }: ReportParameters,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Accepted> {
    const submission = { ...submissionOf(request), source, type };
    return linked(reply, await this.intake.take(submission, { topic: TOPICS.REPORTS, type: TYPES.REPORT }));
  }

  @Post('decisions')
  @HttpCode(202)
  @Documented('Send stewards’ decisions: REQUEUE, DISCARD, ERASE')
  async sendDecisions(
    @Query() { source }: DecisionParameters,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Accepted> {
    const submission = { ...submissionOf(request), source };
    return linked(reply, await this.intake.take(submission, { topic: TOPICS.DECISIONS, type: TYPES.DECISION }));
  }
}

function submissionOf(request: FastifyRequest): Submission {
  return {
    contentType: request.headers['content-type'] ?? '',
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    headers: request.raw.headersDistinct,
  };
}

function linked(reply: FastifyReply, accepted: Accepted): Accepted {
  if ('status' in accepted) void reply.header('location', accepted.status);
  return accepted;
}
