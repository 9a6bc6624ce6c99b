import { contentKind, MESSAGE_BYTES_MAX, URI_PATTERN } from '#app/contract';
import { Problem } from '#app/http-edge';
import { isBinaryMode, readBatch, readBinary, readEvent } from './read-events.js';
import { type Envelope, readLines, readObject } from './read-plain-data.js';
import type { Entry, Submission } from './submission.js';

/** Largest body in bytes; a single message may have 1 MiB, like on Kafka. */
export const BODY_BYTES_MAX = 8_388_608;

/** Most messages of one request. */
export const MESSAGES_MAX = 10_000;

/** Characters of an Idempotency-Key, so that `<key>/<line>` stays a CloudEvents id. */
const KEY_MAX = 200;

const URI_REFERENCE = new RegExp(URI_PATTERN, 'u');

export interface ReadSubmission {
  entries: Entry[];
  /** A batch or lines, whose answer is a list. */
  isList: boolean;
}

function idempotencyKey(headers: Submission['headers']): string | undefined {
  const [given, ...more] = headers['idempotency-key'] ?? [];
  if (given === undefined) return undefined;
  // The IETF draft writes the key as a structured-field string, most clients write it bare.
  const key = /^"(.*)"$/u.exec(given.trim())?.[1] ?? given.trim();
  if (more.length > 0 || key.length > KEY_MAX || !/^[ -~]*[!-~][ -~]*$/u.test(key)) throw keyProblem();
  return key;
}

function keyProblem(): Problem {
  return new Problem(
    'IDEMPOTENCY_KEY_REQUIRED',
    `plain data need one header Idempotency-Key of 1 to ${KEY_MAX} printable ASCII characters; it becomes the CloudEvents id`,
  );
}

/** The envelope of plain data. A CloudEvent brings its own, but what is given beside it must still be well-formed. */
function envelopeOf({ headers, source, type }: Submission, defaultType: string): () => Envelope {
  const id = idempotencyKey(headers);
  if (source !== undefined && !URI_REFERENCE.test(source)) {
    throw Problem.invalidParameter('source', 'must be a URI reference', 'ATTRIBUTE_INVALID');
  }
  return () => {
    if (id === undefined) throw keyProblem();
    if (source === undefined) {
      throw Problem.invalidParameter('source', 'plain data need the CloudEvents source as a parameter', 'REQUIRED');
    }
    return { id, source, type: type ?? defaultType };
  };
}

function refuseLarge(body: Buffer): void {
  if (body.length > MESSAGE_BYTES_MAX) {
    throw new Problem('BODY_TOO_LARGE', `one message may have at most ${MESSAGE_BYTES_MAX} bytes`);
  }
}

/**
 * Reads what was sent, in whichever of the five forms. Messages that cannot be read are entries with problems.
 *
 * @throws Problem when the request as a whole cannot be taken
 */
export function readSubmission(submission: Submission, defaultType: string): ReadSubmission {
  const { body, contentType, headers } = submission;
  if (body.length === 0) throw new Problem('EMPTY_BODY', 'send a report in the body');
  const envelope = envelopeOf(submission, defaultType);
  const isLines = /^\s*application\/x-ndjson\s*(;|$)/iu.test(contentType);
  const kind = contentKind(contentType);
  if (isLines) return { entries: readLines(body, envelope()), isList: true };
  if (kind === 'batch') return { entries: readBatch(body, BODY_BYTES_MAX), isList: true };
  refuseLarge(body);
  if (kind === 'structured') return { entries: readEvent(body), isList: false };
  if (kind !== 'json') throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'JSON in UTF-8 is taken here');
  if (isBinaryMode(headers)) return { entries: readBinary(submission), isList: false };
  return { entries: readObject(body, envelope()), isList: false };
}
