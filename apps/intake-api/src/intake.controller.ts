import { Controller, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TOPICS, TYPES } from '#app/contract';
import { Access, ApiProblems, type HttpProblemCode } from '#app/http-edge';
import {
  AcceptedDto,
  AcceptedListDto,
  AggregateParameters,
  DecisionParameters,
  ReportParameters,
  SiteParameters,
  TrendParameters,
} from './intake.dto.js';
import { type Accepted, Intake, type Route } from './intake.js';
import type { Submission } from './submission.js';

/** What the routes share in the OpenAPI document; the bodies are described in `openapi.ts`. */
function Documented(summary: string, description?: string, ...more: HttpProblemCode[]): MethodDecorator {
  const decorators = [
    ApiOperation({ summary, ...(description === undefined ? {} : { description }) }),
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
      ...more,
    ),
  ];
  return (target, key, descriptor) => {
    for (const decorate of decorators) decorate(target, key, descriptor);
  };
}

const { REPORTS: topic } = TOPICS;
const REPORTS: Route = { topic, type: TYPES.REPORT, types: [TYPES.REPORT, TYPES.REPORT_WITHDRAWN] };
const AGGREGATES: Route = { topic, type: TYPES.AGGREGATE, types: [TYPES.AGGREGATE, TYPES.AGGREGATE_WITHDRAWN] };
const TRENDS: Route = { topic, type: TYPES.TREND, types: [TYPES.TREND, TYPES.TREND_WITHDRAWN] };
const SITES: Route = { topic, type: TYPES.SITE, types: [TYPES.SITE, TYPES.SITE_WITHDRAWN] };
const DECISIONS: Route = { topic: TOPICS.DECISIONS, type: TYPES.DECISION, types: [TYPES.DECISION] };

@ApiTags('intake')
@ApiExtraModels(AcceptedDto, AcceptedListDto)
@Controller('v1')
@Access({ roles: ['publisher'] })
export class IntakeController {
  constructor(private readonly intake: Intake) {}

  @Post('reports')
  @HttpCode(202)
  @Documented('Publish reports and withdrawals; one that is wrong, and none is sent')
  publishReports(
    @Query() parameters: ReportParameters,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Accepted> {
    return this.take(REPORTS, parameters, request, reply);
  }

  @Post('aggregates')
  @HttpCode(202)
  @Documented('Publish official figures and estimates, and their withdrawals')
  publishAggregates(
    @Query() parameters: AggregateParameters,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Accepted> {
    return this.take(AGGREGATES, parameters, request, reply);
  }

  @Post('trends')
  @HttpCode(202)
  @Documented('Publish assertions without a number of their own, and their withdrawals')
  publishTrends(
    @Query() parameters: TrendParameters,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Accepted> {
    return this.take(TRENDS, parameters, request, reply);
  }

  @Post('sites')
  @HttpCode(202)
  @Documented('Publish stock records such as mass graves, and their withdrawals')
  publishSites(
    @Query() parameters: SiteParameters,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Accepted> {
    return this.take(SITES, parameters, request, reply);
  }

  @Post('decisions')
  @Access({ roles: ['steward'] })
  @HttpCode(202)
  @Documented(
    'Send stewards’ decisions of every kind',
    'With authentication the author is who sends it: `by` may be left out, and another name is refused.',
    'AUTHOR_NOT_CALLER',
  )
  sendDecisions(
    @Query() parameters: DecisionParameters,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Accepted> {
    return this.take(DECISIONS, parameters, request, reply);
  }

  private async take(
    route: Route,
    { source, type }: DecisionParameters & { type?: string },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Accepted> {
    const submission = { ...submissionOf(request), source, type };
    return linked(reply, await this.intake.take(submission, route));
  }
}

function submissionOf(request: FastifyRequest): Submission {
  return {
    caller: request.caller,
    contentType: request.headers['content-type'] ?? '',
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    headers: request.raw.headersDistinct,
  };
}

function linked(reply: FastifyReply, accepted: Accepted): Accepted {
  if ('status' in accepted) void reply.header('location', accepted.status);
  return accepted;
}
