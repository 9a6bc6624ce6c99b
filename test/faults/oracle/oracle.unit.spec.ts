import { beforeEach, describe, expect, it } from '@jest/globals';
import { cloudEvent, reportData } from '../../support/ingest-messages.js';
import { Accounts } from './accounts.js';
import { checkShape } from './log-shape.js';
import type { Leaf, Outcome, Recorded } from './recorded.js';
import { Relayed } from './relayed.js';
import type { Received } from './topic-tail.js';

/** The oracle is worth what it finds: each of these is one thing wrong, and must be named. */

const TOPIC = 'conflict.reports.v1';
const message = cloudEvent('org.conflictledger.report.v1', reportData({ ref: 'r', reportId: 'r' }), { id: 'one' });
const identity = `${(JSON.parse(String(message.value)) as { source: string }).source} one`;
const copyAt = (offset: number): Received => ({
  topic: TOPIC,
  partition: 0,
  offset,
  key: String(message.key),
  value: Buffer.from(String(message.value)),
  headers: {},
});
const outcome = (offset: number, what: string): Outcome => ({
  topic: TOPIC,
  partition: 0,
  offset,
  what,
  identity: what.startsWith('event') ? identity : null,
});
const leaf = (position: number, more: Partial<Leaf> = {}): Leaf => ({
  position,
  recordedAt: `2018-11-08T00:00:0${position}.000Z`,
  id: `id-${position}`,
  type: 'ReportRecorded',
  stream: 'stream',
  streamVersion: position + 1,
  source: null,
  data: {},
  ...more,
});
const recorded = (leaves: Leaf[], outcomes: Outcome[] = []): Recorded => ({
  texts: leaves.map((one) => JSON.stringify(one)),
  leaves,
  positions: leaves.map(({ position }) => position),
  streams: leaves.map(({ stream, streamVersion, position }) => ({ stream, version: streamVersion, position })),
  nextPosition: leaves.length,
  outcomes,
});

describe('the books of what was sent', () => {
  let accounts: Accounts;
  beforeEach(() => {
    accounts = new Accounts();
    const entry = accounts.enter({ message, expected: { event: 'ReportRecorded' } });
    entry.acknowledged.push({ topic: TOPIC, partition: 0, offset: 0 });
  });
  const check = (outcomes: Outcome[], leaves: Leaf[] = []): string => accounts.check(recorded(leaves, outcomes)).join();

  it('balance when a message is one event and its copy a duplicate', () => {
    accounts.take([copyAt(0), copyAt(1)]);
    expect(check([outcome(0, 'event ReportRecorded'), outcome(1, 'duplicate')])).toBe('');
  });

  it.each<[string, Received[], Outcome[], RegExp]>([
    ['lost', [copyAt(0)], [], /has 0 outcomes/u],
    [
      'recorded twice',
      [copyAt(0), copyAt(1)],
      [outcome(0, 'event ReportRecorded'), outcome(1, 'event ReportRecorded')],
      /recorded 2 times/u,
    ],
    ['refused', [copyAt(0)], [outcome(0, 'rejected REVISION_CONFLICT')], /became rejected REVISION_CONFLICT/u],
    ['another event', [copyAt(0)], [outcome(0, 'event ReportWithdrawn')], /became event ReportWithdrawn/u],
    ['never an event, only duplicates', [copyAt(0)], [outcome(0, 'duplicate')], /is no event/u],
    ['two outcomes', [copyAt(0)], [outcome(0, 'event ReportRecorded'), outcome(0, 'duplicate')], /has 2 outcomes/u],
    ['acknowledged by Kafka and gone', [], [], /acknowledged .* and does not have it/u],
    [
      'recorded out of nothing',
      [copyAt(0)],
      [outcome(0, 'event ReportRecorded'), outcome(7, 'duplicate')],
      /Kafka has no such message/u,
    ],
  ])('tell of a message that is %s', (_name, copies, outcomes, found) => {
    accounts.take(copies);
    expect(check(outcomes)).toMatch(found);
  });

  it('excuse what the log says was lost, and only that', () => {
    const gap = (toOffset: number): Leaf =>
      leaf(0, {
        type: 'DeliveryGapRecorded',
        data: { topic: TOPIC, partition: 0, fromOffset: 0, toOffset, reason: 'EXPIRED' },
      });
    expect(check([], [gap(0)])).toBe('');
    expect(check([], [{ ...gap(0), data: { ...gap(0).data, partition: 1 } }])).toMatch(/does not have it/u);
  });

  it('begin anew behind the place where a topic was cut off, and only there', () => {
    const before = [outcome(0, 'event ReportRecorded'), outcome(1, 'duplicate')];
    accounts.take([copyAt(0), copyAt(1)]);
    expect(check(before)).toBe('');
    accounts.forget(TOPIC, recorded([], before), [1]);
    expect(check(before)).toBe('');
    accounts.take([copyAt(1)]);
    expect(check(before)).toMatch(/1 has 0 outcomes/u);
    accounts.take([copyAt(1)]);
    expect(check([...before, outcome(1, 'duplicate')])).toBe('');
    accounts.forget(TOPIC, recorded([], before));
    expect(check(before)).toBe('');
  });

  it('want a rejection for every copy of a wrong message, with its code', () => {
    const wrong = { key: 'wrong', value: 'bomb', headers: {} };
    accounts = new Accounts();
    accounts.enter({ message: wrong, expected: { code: 'NOT_JSON' } });
    accounts.take([0, 1].map((offset) => ({ ...copyAt(offset), key: 'wrong', value: Buffer.from('bomb') })));
    expect(check([outcome(0, 'rejected NOT_JSON'), outcome(1, 'rejected TOMBSTONE')])).toMatch(
      /became rejected TOMBSTONE/u,
    );
  });
});

describe('the shape of the log', () => {
  const three = [leaf(0), leaf(1), leaf(2)];

  it('is right when everything is dense', () => expect(checkShape(recorded(three))).toEqual([]));

  it.each<[string, Recorded, RegExp]>([
    ['a position is missing', recorded([leaf(0), leaf(2)]), /position 2 stands where 1 should/u],
    ['time goes back', recorded([leaf(0), leaf(1, { recordedAt: '2018-11-07T00:00:00.000Z' })]), /time goes back/u],
    ['a version is missing', recorded([leaf(0), leaf(1, { streamVersion: 3 })]), /version 3 where 2 should be/u],
    [
      'a stream does not know of an event',
      { ...recorded(three), streams: recorded([leaf(0), leaf(1)]).streams },
      /only the leaf knows/u,
    ],
    ['the head is elsewhere', { ...recorded(three), nextPosition: 4 }, /the head says 4/u],
  ])('is wrong when %s', (_name, log, found) => expect(checkShape(log).join()).toMatch(found));
});

describe('what was handed on', () => {
  const told = (position: number, key = 'stream'): Received => ({
    ...copyAt(position),
    key,
    value: Buffer.from(`text ${position}`),
    headers: { ce_position: String(position) },
  });
  const check = (messages: Received[]): string => {
    const relayed = new Relayed();
    relayed.take(messages);
    return relayed.check(['text 0', 'text 1'], ['stream', 'stream']).join();
  };

  it('may come again', () => expect(check([told(0), told(1), told(0), told(1)])).toBe(''));
  it('may not be left out', () => expect(check([told(0)])).toMatch(/event 1 was not handed on/u));
  it('may not overtake', () => expect(check([told(1), told(0)])).toMatch(/came only after/u));
  it('may not be another one', () => expect(check([told(0), told(1, 'elsewhere')])).toMatch(/another event/u));
});
