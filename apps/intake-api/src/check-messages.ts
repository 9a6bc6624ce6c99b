import {
  isKnownType,
  MESSAGE_BYTES_MAX,
  type Problem as Finding,
  sourceAllowedOn,
  type TopicSources,
  typeAllowedOn,
  validateData,
} from '#app/contract';
import { Problem } from '#app/http-edge';
import { MESSAGES_MAX, type ReadSubmission } from './read-submission.js';
import type { Entry, Message } from './submission.js';

/** More would make the answer larger than the request. */
const ERRORS_MAX = 1000;

/** Ready for Kafka. */
export interface CheckedMessage extends Message {
  /** `<source>|<incident>`: one incident's messages keep their order. */
  key: string;
  value: string;
}

function subjectOf(data: Record<string, unknown>): string {
  const incident = data['incident'];
  const name =
    typeof incident === 'object' && incident !== null
      ? (incident as { ref?: unknown; id?: unknown })
      : { id: incident };
  const subject = [name.ref, name.id, data['rejection'], data['reportId']].find((part) => typeof part === 'string');
  return typeof subject === 'string' ? subject : '';
}

function checkType(topic: string, type: string): Finding[] {
  if (typeAllowedOn(topic, type)) return [];
  return isKnownType(type)
    ? [
        {
          pointer: '/type',
          code: 'TYPE_NOT_ALLOWED_ON_TOPIC',
          detail: 'this route does not take messages of this type',
        },
      ]
    : [{ pointer: '/type', code: 'TYPE_UNKNOWN', detail: 'is not a type of the contract' }];
}

function problemsOf(topic: string, entry: Entry, value: string, dataPointer: string): Finding[] {
  if ('problems' in entry) return entry.problems;
  const wrongType = checkType(topic, entry.message.type);
  if (wrongType.length > 0) return wrongType;
  if (Buffer.byteLength(value) > MESSAGE_BYTES_MAX) {
    return [{ pointer: '', code: 'MESSAGE_TOO_LARGE', detail: `must have at most ${MESSAGE_BYTES_MAX} bytes` }];
  }
  return validateData(entry.message.type, entry.message.data).map((found) => ({
    ...found,
    pointer: dataPointer + found.pointer,
  }));
}

function refuse(findings: Finding[]): never {
  const errors = findings.slice(0, ERRORS_MAX);
  const [only] = findings;
  if (findings.length === 1 && only?.code === 'NOT_JSON' && only.pointer === '') {
    throw new Problem('MALFORMED_JSON', 'the body is not well-formed JSON', { errors });
  }
  throw new Problem('INVALID_MESSAGE', `${findings.length} problem(s); nothing was sent`, { errors });
}

/** Where in the body the data of an entry are: plain data are the body, an event has them in its member `data`. */
export type DataPointer = '' | '/data';

/**
 * Validates messages as ingest will. One that is wrong, and none is taken.
 *
 * @throws Problem INVALID_MESSAGE (MALFORMED_JSON) with every problem, SOURCE_NOT_ALLOWED
 */
export function checkMessages(
  topic: string,
  sources: TopicSources,
  { entries }: ReadSubmission,
  dataPointer: DataPointer,
): CheckedMessage[] {
  if (entries.length === 0) refuse([{ pointer: '', code: 'TOO_FEW_ITEMS', detail: 'must hold at least one message' }]);
  if (entries.length > MESSAGES_MAX) {
    refuse([{ pointer: '', code: 'TOO_MANY_ITEMS', detail: `must hold at most ${MESSAGES_MAX} messages` }]);
  }
  const checked: CheckedMessage[] = [];
  const findings: Finding[] = [];
  for (const entry of entries) {
    const value = 'message' in entry ? JSON.stringify(entry.message.event) : '';
    const problems = problemsOf(topic, entry, value, dataPointer);
    findings.push(...problems.map((found) => ({ ...found, pointer: entry.at + found.pointer })));
    if (problems.length > 0 || !('message' in entry)) continue;
    const { message } = entry;
    checked.push({ ...message, value, key: `${message.source}|${subjectOf(message.data as Record<string, unknown>)}` });
  }
  if (findings.length > 0) refuse(findings);
  const stranger = checked.find(({ source }) => !sourceAllowedOn(sources, topic, source));
  if (stranger !== undefined) throw new Problem('SOURCE_NOT_ALLOWED', 'this source may not publish here');
  return checked;
}
