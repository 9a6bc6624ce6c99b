import {
  isKnownType,
  isUnderOneOf,
  MESSAGE_BYTES_MAX,
  type Problem as Finding,
  sourceAllowedOn,
  type TopicSources,
  typeAllowedOn,
  validateData,
} from '#app/contract';
import { type Caller, Problem } from '#app/http-edge';
import { MESSAGES_MAX } from './read-submission.js';
import type { Entry, Message } from './submission.js';

/** More would make the answer larger than the request. */
const ERRORS_MAX = 1000;

/** Where a route sends to, and which CloudEvents types it takes. */
export interface Taking {
  topic: string;
  types: readonly string[];
}

/** What a topic may carry, and who sends. */
export interface SendingRight {
  sources: TopicSources;
  caller: Pick<Caller, 'sources'>;
}

/** Ready for Kafka. */
export interface CheckedMessage extends Message {
  /** `<source>|<incident>`, or the series, trend or site: the messages about one thing keep their order. */
  key: string;
  value: string;
}

/** Members that say what a message is about, the most telling first; of a decision its first-named incident. */
const SUBJECTS = [
  'incident',
  'survivor',
  'a',
  'rejection',
  'reportId',
  'seriesId',
  'trendId',
  'siteRef',
  'event',
  'name',
];

function subjectOf(data: Record<string, unknown>): string {
  for (const value of SUBJECTS.map((name) => data[name])) {
    if (typeof value === 'string') return value;
    if (typeof value !== 'object' || value === null) continue;
    const { ref, id } = value as { ref?: unknown; id?: unknown };
    if (typeof ref === 'string') return ref;
    if (typeof id === 'string') return id;
  }
  return '';
}

function checkType({ topic, types }: Taking, type: string): Finding[] {
  if (typeAllowedOn(topic, type) && types.includes(type)) return [];
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

function problemsOf(taking: Taking, entry: Entry, value: string, dataPointer: string): Finding[] {
  if ('problems' in entry) return entry.problems;
  const wrongType = checkType(taking, entry.message.type);
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
  taking: Taking,
  { sources, caller }: SendingRight,
  entries: readonly Entry[],
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
    const problems = problemsOf(taking, entry, value, dataPointer);
    findings.push(...problems.map((found) => ({ ...found, pointer: entry.at + found.pointer })));
    if (problems.length > 0 || !('message' in entry)) continue;
    const { message } = entry;
    checked.push({ ...message, value, key: `${message.source}|${subjectOf(message.data as Record<string, unknown>)}` });
  }
  if (findings.length > 0) refuse(findings);
  const stranger = checked.find(({ source }) => !sourceAllowedOn(sources, taking.topic, source));
  if (stranger !== undefined) throw new Problem('SOURCE_NOT_ALLOWED', 'this source may not publish here');
  const { sources: own } = caller;
  const another = own === null ? undefined : checked.find(({ source }) => !isUnderOneOf(own, source));
  if (another !== undefined) {
    throw new Problem('SOURCE_NOT_ALLOWED', `your token does not let you send as ${another.source}`);
  }
  return checked;
}
