import { describe, expect, it } from '@jest/globals';
import { eventSourceOf, eventTypeOf } from '#app/contract';
import { EVENT_TYPES } from '#app/domain';
import { canonicalize, type Leaf } from '#app/log';
import { chunksOf } from './chunks.js';
import { cloudEventOf } from './cloud-event.js';

const leaf: Leaf = {
  actor: 'https://desk.example/',
  causationId: null,
  correlationId: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  data: { reportId: 'Kéyêbî', incident: { ref: 'i' } },
  id: '019a0000-0000-7000-8000-000000000001',
  log: '019a0000-0000-7000-8000-000000000000',
  position: 2 ** 40,
  recordedAt: '2026-11-23T17:43:33.123Z',
  sd: {},
  source: null,
  stream: '5e2a0c4e-0000-5000-8000-000000000000',
  streamVersion: 3,
  type: 'ReportWithdrawn',
  v: 1,
};
const text = canonicalize(leaf);

describe('a recorded event as a CloudEvent', () => {
  const message = cloudEventOf(leaf, { text, type: leaf.type, source: eventSourceOf('ledger.example.org/log') });

  it('has the required attributes, the position as a String, and the trace context of its message', () => {
    expect(message.headers).toEqual({
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: leaf.id,
      ce_source: 'https://ledger.example.org/log',
      ce_type: 'org.conflictledger.event.report-withdrawn.v1',
      ce_time: '2026-11-23T17:43:33.123Z',
      ce_subject: leaf.stream,
      ce_log: leaf.log,
      ce_position: '1099511627776',
      ce_streamversion: '3',
      ce_correlationid: leaf.correlationId,
      ce_traceparent: leaf.correlationId,
    });
  });

  it('carries the leaf byte for byte, under the key of its stream', () => {
    expect(message.value).toBe(text);
    expect(message.key).toBe(leaf.stream);
  });

  it('names its cause, and no trace context where there was none', () => {
    const caused = { ...leaf, causationId: 'cause', correlationId: 'desk-7' };
    const { headers } = cloudEventOf(caused, { text, type: leaf.type, source: 'https://x' });
    expect(headers).toMatchObject({ ce_causationid: 'cause', ce_correlationid: 'desk-7' });
    expect(headers).not.toHaveProperty('ce_traceparent');
  });
});

describe('the names of events', () => {
  it.each([
    ['ReportRecorded', 'org.conflictledger.event.report-recorded.v1'],
    ['ReportRecorded.v2', 'org.conflictledger.event.report-recorded.v2'],
    ['BoundarySetActivated', 'org.conflictledger.event.boundary-set-activated.v1'],
  ])('%s → %s', (type, expected) => expect(eventTypeOf(type)).toBe(expected));

  it('differ for every type of the log', () => {
    expect(new Set(EVENT_TYPES.map(eventTypeOf)).size).toBe(EVENT_TYPES.length);
  });
});

describe('the messages of one request', () => {
  const messages = ['aaaa', 'bbbb', 'cc', 'dddddddddd', 'e'].map((value) => ({ key: null, value }));
  const values = (maxBytes: number): unknown =>
    [...chunksOf(messages, maxBytes)].map((chunk) => chunk.map(({ value }) => value));

  it('stay below the limit, in order; one that is too large by itself goes alone', () => {
    expect(values(8)).toEqual([['aaaa', 'bbbb'], ['cc'], ['dddddddddd'], ['e']]);
    expect(values(1000)).toHaveLength(1);
    expect([...chunksOf([], 8)]).toEqual([]);
  });
});
