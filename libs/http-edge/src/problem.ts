import { HttpException } from '@nestjs/common';
import { codeForStatus, type HttpProblemCode, statusOf, titleOf } from './problem-codes.js';

/** One thing that is wrong: a query or path parameter by name, or a member of the body by JSON Pointer. */
export interface ProblemError {
  parameter?: string;
  pointer?: string;
  code: string;
  detail: string;
}

export interface ProblemOptions {
  errors?: readonly ProblemError[];
  headers?: Readonly<Record<string, string>>;
  /** Further members of the problem document, for instance `known` values. */
  members?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

/** RFC 9457 document as it is sent. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  code: HttpProblemCode;
  detail?: string;
  instance?: string;
  errors?: readonly ProblemError[];
  [member: string]: unknown;
}

/** An answer that says no, with a stable code. `detail` is read by people and must not hold internals. */
export class Problem extends HttpException {
  readonly errors: readonly ProblemError[];
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: HttpProblemCode,
    readonly detail: string,
    options: ProblemOptions = {},
  ) {
    super(detail, statusOf(code), { cause: options.cause });
    this.name = 'Problem';
    this.errors = options.errors ?? [];
    this.headers = options.headers ?? {};
    this.members = options.members ?? {};
  }

  /** One invalid query parameter. */
  static invalidParameter(parameter: string, detail: string, code = 'INVALID'): Problem {
    return new Problem('INVALID_PARAMETER', `${parameter}: ${detail}`, { errors: [{ parameter, code, detail }] });
  }

  document(instance?: string): ProblemDocument {
    return {
      ...problemDocument(this.code, this.detail, instance),
      ...(this.errors.length > 0 ? { errors: this.errors } : {}),
      ...this.members,
    };
  }
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

export function problemDocument(code: HttpProblemCode, detail?: string, instance?: string): ProblemDocument {
  return {
    type: `urn:conflict-ledger:problem:${code}`,
    title: titleOf(code),
    status: statusOf(code),
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(instance === undefined ? {} : { instance }),
  };
}

/** What a status of a framework's own error means here. */
export function problemForStatus(status: number, detail?: string): Problem {
  const code = codeForStatus(status);
  return new Problem(code, detail ?? titleOf(code));
}
