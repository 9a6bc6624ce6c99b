import { describe, expect, it } from '@jest/globals';
import type { Leaf } from '#app/log';
import { checkColumns } from './check-columns.js';
import type { EventRow } from './event-rows.js';

const CURSORS = new Map([
  [3, 'cluster conflict.reports.v1 0'],
  [4, 'cluster conflict.reports.v1 1'],
]);

/** Kafka lost messages before they were read: no message caused the event, so the place is in its data. */
function gap(cursor: number): EventRow {
  const event = {
    position: 7,
    id: '01a22140-551c-7343-aabe-c01e5be59083',
    type: 'DeliveryGapRecorded',
    stream: '314f5e26-0417-52d5-a222-7435f1e2f935',
    streamVersion: 1,
    recordedAt: '2018-11-08T00:00:00.000Z',
    source: null,
    data: {
      cluster: 'cluster',
      topic: 'conflict.reports.v1',
      partition: 1,
      fromOffset: 5,
      toOffset: 9,
      reason: 'EXPIRED',
    },
  };
  return {
    position: 7,
    eventId: event.id,
    type: event.type,
    stream: event.stream,
    streamVersion: 1,
    recordedAt: Date.parse(event.recordedAt),
    ceSource: null,
    ceId: null,
    cursor,
    offset: null,
    reportId: null,
    revision: null,
    event: event as unknown as Leaf,
  } as EventRow;
}

describe('the cursor beside an event that says that messages were lost', () => {
  it('is that of the partition that lost them', () => expect(checkColumns(gap(4), CURSORS)).toEqual([]));
  it('is no other one', () =>
    expect(checkColumns(gap(3), CURSORS)).toEqual([
      expect.objectContaining({ kind: 'COLUMN', position: 7, detail: expect.stringContaining('cursor is 3') }),
    ]));
});
