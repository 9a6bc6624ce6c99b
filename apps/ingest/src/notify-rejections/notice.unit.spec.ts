import { noticeOf } from './notice.js';

describe('the notice of a rejection', () => {
  const told = {
    position: 12,
    eventId: 'e',
    rejection: 'r',
    stage: 'VALIDATE',
    code: 'REQUIRED',
    problems: [{ pointer: '/place', code: 'REQUIRED', detail: 'must be given' }],
    ceSource: 's',
    ceId: 'i',
    topic: 'conflict.reports.v1',
    partition: 3,
    offset: 2 ** 33,
    timestamp: new Date(1_700_000_000_000),
  };

  it('carries the coordinates as dead-letter tools write them: big-endian integers', () => {
    const headers = (noticeOf(told).headers ?? {}) as Record<string, Buffer>;
    expect(headers['kafka_dlt-original-partition']?.readInt32BE()).toBe(3);
    expect(headers['kafka_dlt-original-offset']?.readBigInt64BE()).toBe(2n ** 33n);
    expect(headers['kafka_dlt-original-timestamp']?.readBigInt64BE()).toBe(1_700_000_000_000n);
  });

  it('leaves out a time that is unknown', () => {
    expect(noticeOf({ ...told, timestamp: null }).headers).not.toHaveProperty('kafka_dlt-original-timestamp');
  });
});
