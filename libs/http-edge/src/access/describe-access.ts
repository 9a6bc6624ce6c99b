import type { OpenAPIObject } from '@nestjs/swagger';
import { problemResponse } from '../openapi-decorators.js';
import { type HttpProblemCode, statusOf } from '../problem-codes.js';
import { ROLES_EXTENSION } from './access.decorator.js';

interface Operation {
  [ROLES_EXTENSION]?: unknown;
  responses: Record<string, { description?: string } | undefined>;
}

const EVERYWHERE: readonly HttpProblemCode[] = ['BAD_REQUEST'];
const COUNTED: readonly HttpProblemCode[] = ['TOO_MANY_REQUESTS'];
const WITH_A_BODY: readonly HttpProblemCode[] = ['UNSUPPORTED_ENCODING'];
const WITH_ROLES: readonly HttpProblemCode[] = [
  'UNAUTHENTICATED',
  'TOKEN_INVALID',
  'TOKEN_EXPIRED',
  'FORBIDDEN',
  'AUTH_UNAVAILABLE',
];
/** Those who watch over the process are not counted. */
const UNCOUNTED = /^\/health\//;

/** Adds to every operation the refusals of what stands before it: tokens, roles, limits. */
export function describeAccess(document: OpenAPIObject): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item as Record<string, Operation>)) {
      const codes = [
        ...EVERYWHERE,
        ...(UNCOUNTED.test(path) ? [] : COUNTED),
        ...(method === 'post' ? WITH_A_BODY : []),
        ...(ROLES_EXTENSION in operation ? WITH_ROLES : []),
      ];
      for (const code of codes) addCode(operation, code);
    }
  }
  return document;
}

function addCode({ responses }: Operation, code: HttpProblemCode): void {
  const status = String(statusOf(code));
  const described = responses[status]?.description ?? '';
  const codes = described === '' ? [] : (described.split(', ') as HttpProblemCode[]);
  if (!codes.includes(code)) responses[status] = problemResponse([...codes, code]);
}
