/**
 * Every `code` that an HTTP answer of this system can carry, with its status and its title. Closed, stable: clients
 * branch on the code, people read the detail. One list for all apps, so that one code means one thing.
 */
const PROBLEMS = {
  BAD_REQUEST: [400, 'The request is not well-formed'],
  MALFORMED_URL: [400, 'The address is not well-formed'],
  MALFORMED_JSON: [400, 'The body is not well-formed JSON'],
  EMPTY_BODY: [400, 'A body is needed'],
  UNKNOWN_PARAMETER: [400, 'A parameter is not known'],
  INVALID_PARAMETER: [400, 'A parameter is not valid'],
  INVALID_BODY: [400, 'The body is not valid'],
  BAD_CURSOR: [400, 'The cursor cannot be read'],
  IDEMPOTENCY_KEY_REQUIRED: [400, 'An Idempotency-Key is needed'],
  UNAUTHENTICATED: [401, 'Who are you?'],
  TOKEN_INVALID: [401, 'The token is not taken'],
  TOKEN_EXPIRED: [401, 'The token has ended'],
  FORBIDDEN: [403, 'Not allowed'],
  AUTHOR_NOT_CALLER: [403, 'A decision is signed with the name of another'],
  SOURCE_NOT_ALLOWED: [403, 'Messages of this source may not be sent here, or not by you'],
  NOT_FOUND: [404, 'Nothing here'],
  INCIDENT_NOT_FOUND: [404, 'No such incident'],
  REGION_NOT_FOUND: [404, 'No such region'],
  AGGREGATE_NOT_FOUND: [404, 'No such official figure'],
  EVENT_NOT_FOUND: [404, 'No such event'],
  DELIVERY_NOT_FOUND: [404, 'No such delivery'],
  REJECTION_NOT_FOUND: [404, 'No such rejection'],
  REPLAY_NOT_FOUND: [404, 'No such replay'],
  CITATION_NOT_FOUND: [404, 'No such citation'],
  METHOD_NOT_ALLOWED: [405, 'The address exists, but not with this method'],
  NOT_ACCEPTABLE: [406, 'None of the accepted formats is offered'],
  REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
  CONFLICT: [409, 'In conflict with what is there'],
  REJECTION_ALREADY_RESOLVED: [409, 'The rejection is already resolved'],
  BODY_TOO_LARGE: [413, 'The body is too large'],
  URL_TOO_LONG: [414, 'The address is too long'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'The body is of a type that is not taken here'],
  UNSUPPORTED_ENCODING: [415, 'The body is compressed'],
  INVALID_MESSAGE: [422, 'A message is not valid; none was sent'],
  AS_OF_OUT_OF_RANGE: [422, 'The log does not reach this moment'],
  UNKNOWN_REGION: [422, 'A region is not known'],
  UNKNOWN_PUBLISHER: [422, 'A publisher is not known'],
  UNKNOWN_SERIES: [422, 'A series is not known'],
  UNKNOWN_BOUNDARY: [422, 'A boundary set is not known'],
  NOT_CITABLE: [422, 'This cannot be cited'],
  CITATION_TOO_LARGE: [422, 'The answer is too large to be cited'],
  TOO_MANY_GROUPS: [422, 'The answer would have too many groups'],
  TOO_MANY_CHANGES: [422, 'Too many changes would have to be worked out again'],
  TOO_MANY_REQUESTS: [429, 'Too many requests'],
  HEADERS_TOO_LARGE: [431, 'The request headers are too large'],
  INTERNAL: [500, 'Something went wrong on our side'],
  TILES_DAMAGED: [500, 'What is published of the log is damaged'],
  LEAF_DIFFERS: [500, 'The database holds another event than the published log'],
  KEY_DIFFERS: [500, 'The key that is kept did not sign the published log'],
  CHECKPOINT_DIFFERS: [500, 'A checkpoint was signed that is not of the published log'],
  CITATION_DAMAGED: [500, 'What is stored is not what was cited'],
  AUTH_UNAVAILABLE: [503, 'Tokens cannot be checked right now'],
  NOT_READY: [503, 'Not ready'],
  BOUNDARY_SET_PLACING: [503, 'The boundary set is still placing what was recorded before it'],
  CHECKPOINT_PENDING: [503, 'No checkpoint covers this yet'],
  TEMPORARILY_UNAVAILABLE: [503, 'Something this answer needs does not answer right now'],
  QUERY_TIMEOUT: [503, 'The answer took too long to compute'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type HttpProblemCode = keyof typeof PROBLEMS;

export const HTTP_PROBLEM_CODES = Object.keys(PROBLEMS) as HttpProblemCode[];

export function statusOf(code: HttpProblemCode): number {
  return PROBLEMS[code][0];
}

export function titleOf(code: HttpProblemCode): string {
  return PROBLEMS[code][1];
}

/** The code that stands for a status which a framework answered by itself. */
export function codeForStatus(status: number): HttpProblemCode {
  const general: Record<number, HttpProblemCode> = {
    401: 'UNAUTHENTICATED',
    403: 'FORBIDDEN',
    404: 'NOT_FOUND',
    405: 'METHOD_NOT_ALLOWED',
    406: 'NOT_ACCEPTABLE',
    408: 'REQUEST_TIMEOUT',
    409: 'CONFLICT',
    413: 'BODY_TOO_LARGE',
    414: 'URL_TOO_LONG',
    415: 'UNSUPPORTED_MEDIA_TYPE',
    429: 'TOO_MANY_REQUESTS',
    431: 'HEADERS_TOO_LARGE',
    503: 'TEMPORARILY_UNAVAILABLE',
  };
  return general[status] ?? (status >= 400 && status < 500 ? 'BAD_REQUEST' : 'INTERNAL');
}
