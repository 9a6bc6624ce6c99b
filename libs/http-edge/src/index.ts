export { Access, type RouteAccess } from './access/access.decorator.js';
export { authorOf } from './access/author.js';
export { ANYBODY, type Caller, READERS, type Role, ROLES } from './access/caller.js';
export { ApiConfig } from './api.config.js';
export { AsOfParameter } from './as-of-parameter.js';
export { isFresh } from './caching.js';
export { type Check, CheckFailedError, type CheckResult, type Checks, type Readiness } from './checks.js';
export { CSV_CONTENT_TYPE, type CsvColumn, type CsvOptions, toCsv } from './csv.js';
export { type Cursor, decodeCursor, encodeCursor } from './cursor.js';
export { assertSchema, databaseCheck, failure, refuseOtherSchema } from './database-check.js';
export { EventFeed, lastPosition } from './event-feed.js';
export { EventStream, type Patience, type ToldEvent, type ToldFrom, type ToldPage } from './event-stream.js';
export { createHttpApp, type HttpAppOptions, listen } from './http-app.js';
export { HttpConfig } from './http.config.js';
export { NDJSON_CONTENT_TYPE, sendNdjson } from './ndjson.js';
export { acceptedFormat, type Format, MEDIA_TYPES, nextUrl } from './negotiation.js';
export { ApiProblems, ProblemDto, serverSentEvent } from './openapi-decorators.js';
export { BooleanParameter, IntegerParameter, ListParameter } from './parameters.js';
export { HTTP_PROBLEM_CODES, type HttpProblemCode } from './problem-codes.js';
export {
  Problem,
  PROBLEM_CONTENT_TYPE,
  type ProblemDocument,
  type ProblemError,
  type ProblemOptions,
} from './problem.js';
export { runMain, StartupError } from './startup.js';
export { EdgeValidationPipe, NoParameters } from './validation.pipe.js';
export { workerEndpoints, type WorkerEndpoints, type WorkerEndpointsOptions } from './worker-endpoints.js';
