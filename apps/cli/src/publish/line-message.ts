import { decodeMessage, type Problem, typeAllowedOn, validateData } from '#app/contract';
import { incidentKey } from '../publishing/cloud-event.js';

/** A line as it will be sent, or why it cannot be. */
export type LineMessage = { kind: 'message'; key: string; value: Buffer } | { kind: 'invalid'; problems: Problem[] };

/** What plain data lines lack. */
export interface PlainData {
  /** CloudEvents `source`. */
  source: string | null;
  type: string;
}

const HEADERS = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };

/**
 * Checks one line as ingest will check the message: bytes, envelope, type and data. A CloudEvent is sent byte for byte; plain
 * data gets an envelope around its bytes, with `<reportId>/<revision>` as id, so that publishing a file again adds nothing.
 */
export function lineMessage(bytes: Buffer, topic: string, plain: PlainData): LineMessage {
  const value = isCloudEvent(bytes) ? bytes : enveloped(bytes, plain);
  if (value === null) {
    return invalid('', 'NOT_A_CLOUDEVENT', 'plain data needs --source, and a reportId in every line');
  }
  const decoded = decodeMessage({ key: null, value, headers: HEADERS });
  if (decoded.kind === 'unreadable') return { kind: 'invalid', problems: decoded.problems };
  const { source, type } = decoded.cloudEvent;
  if (!typeAllowedOn(topic, type)) {
    return invalid('/type', 'TYPE_NOT_ALLOWED_ON_TOPIC', `${topic} does not carry this type`);
  }
  const problems = validateData(type, decoded.data).map((problem) => ({
    ...problem,
    pointer: `/data${problem.pointer}`,
  }));
  if (problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'message', key: `${source}|${incidentKey(decoded.data)}`, value };
}

/** Only a look: whether the line is valid JSON is decided by the contract's decoder. */
function isCloudEvent(bytes: Buffer): boolean {
  return bytes.includes('"specversion"');
}

function enveloped(bytes: Buffer, { source, type }: PlainData): Buffer | null {
  const id = plainId(bytes);
  if (source === null || id === null) return null;
  const head = JSON.stringify({ specversion: '1.0', id, source, type, datacontenttype: 'application/json' });
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"data":`), bytes, Buffer.from('}')]);
}

/** Text that is no JSON at all still goes to the decoder, which says what is wrong with it. */
function plainId(bytes: Buffer): string | null {
  try {
    const data = JSON.parse(bytes.toString('utf8')) as { reportId?: unknown; revision?: unknown } | null;
    if (typeof data?.reportId !== 'string') return null;
    return typeof data.revision === 'number' ? `${data.reportId}/${data.revision}` : `${data.reportId}/withdrawn`;
  } catch {
    return 'unreadable';
  }
}

function invalid(pointer: string, code: Problem['code'], detail: string): LineMessage {
  return { kind: 'invalid', problems: [{ pointer, code, detail }] };
}
