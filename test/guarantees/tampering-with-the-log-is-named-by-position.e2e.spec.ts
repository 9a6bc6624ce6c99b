import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { PoolClient } from 'pg';
import {
  asOwner,
  changeLeaf,
  insertEvent,
  removeEvent,
  shiftEvents,
  swapEvents,
  truncateLog,
} from '../support/owner.js';
import { PublishedLog } from '../support/published-log.js';

// The command line is a process of its own, and both cores may be busy.
jest.setTimeout(120_000);

/** With LogCreated and the activations 604 events: two full tiles and a partial one, all under a checkpoint. */
const REPORTS = 600;
const SIZE = REPORTS + 4;

interface Tampering {
  what: string;
  as: (tx: PoolClient) => Promise<void>;
  /** Recorded after it, as by an ingest that knows nothing of it. */
  thenRecorded?: number;
  found: { name: string; kind: string; position: number };
}

const IN_DATABASE: readonly Tampering[] = [
  {
    what: 'a number in a leaf is changed',
    as: (tx) => changeLeaf(tx, 300, ['"lo":3', '"lo":2']),
    found: { name: 'database', kind: 'CHANGED', position: 300 },
  },
  {
    what: 'a leaf is written in another way that means the same',
    as: (tx) => changeLeaf(tx, 300, ['"v":1', '"v": 1']),
    found: { name: 'database', kind: 'CHANGED', position: 300 },
  },
  {
    what: 'the very first leaf is changed',
    as: (tx) => changeLeaf(tx, 0, ['ledger.example/log', 'ledger.example/lag']),
    found: { name: 'database', kind: 'CHANGED', position: 0 },
  },
  {
    what: 'the last leaf is changed',
    as: (tx) => changeLeaf(tx, SIZE - 1, ['"lo":3', '"lo":2']),
    found: { name: 'database', kind: 'CHANGED', position: SIZE - 1 },
  },
  {
    what: 'a row is deleted, and the gap stays',
    as: (tx) => removeEvent(tx, 300),
    found: { name: 'database', kind: 'REMOVED', position: 300 },
  },
  {
    what: 'a row is deleted, and the later ones move up',
    as: async (tx) => {
      await removeEvent(tx, 300);
      await shiftEvents(tx, 301, -1);
    },
    found: { name: 'database', kind: 'REMOVED', position: 300 },
  },
  {
    what: 'two rows that lie side by side are swapped',
    as: (tx) => swapEvents(tx, 300, 301),
    found: { name: 'database', kind: 'SWAPPED', position: 300 },
  },
  {
    what: 'two rows far apart are swapped',
    as: (tx) => swapEvents(tx, 100, 500),
    found: { name: 'database', kind: 'SWAPPED', position: 100 },
  },
  {
    what: 'a row is inserted in the middle, and the later ones move down',
    as: async (tx) => {
      await shiftEvents(tx, 300, 1);
      await insertEvent(tx, 300, { like: 20 });
    },
    found: { name: 'database', kind: 'INSERTED', position: 300 },
  },
  {
    what: 'a row is inserted behind the last one',
    as: (tx) => insertEvent(tx, SIZE, { like: 20 }),
    found: { name: 'database', kind: 'INSERTED', position: SIZE },
  },
  {
    what: 'the log is cut off',
    as: (tx) => truncateLog(tx, 400),
    found: { name: 'database', kind: 'TRUNCATED', position: 400 },
  },
  {
    what: 'the log is cut off, and fewer other events are recorded',
    as: (tx) => truncateLog(tx, 400),
    thenRecorded: 100,
    found: { name: 'database', kind: 'APPENDED_AGAIN', position: 400 },
  },
  {
    what: 'the log is cut off, and as many other events are recorded',
    as: (tx) => truncateLog(tx, 400),
    thenRecorded: SIZE - 400,
    found: { name: 'database', kind: 'APPENDED_AGAIN', position: 400 },
  },
  {
    what: 'the log is cut off, and more other events are recorded',
    as: (tx) => truncateLog(tx, 400),
    thenRecorded: SIZE - 400 + 300,
    found: { name: 'database', kind: 'APPENDED_AGAIN', position: 400 },
  },
];

/** Leaves are as they were, but what everybody reads beside them is not. */
const BESIDE_THE_LEAVES: readonly Tampering[] = [
  ...[
    ['the type', "type = 'ReportWithdrawn'"],
    ['the moment', "recorded_at = recorded_at + interval '1 second'"],
    ['the stream', 'stream_id = gen_random_uuid()'],
    ['the version of the stream', 'stream_version = stream_version + 1'],
    ['the event id', 'event_id = gen_random_uuid()'],
    ['the source', "ce_source = 'https://somebody-else.example'"],
    ['the id that the source gave', "ce_id = 'another'"],
    ['the partition that it came by', 'cursor_id = 7'],
    ['the offset', 'source_offset = source_offset + 1'],
    ['the report', "report_id = 'another'"],
    ['the revision', 'revision = revision + 1'],
  ].map(([what, assignment]) => ({
    what: `${what} beside a leaf is changed`,
    as: async (tx: PoolClient) => {
      await tx.query(`UPDATE ledger.event SET ${assignment} WHERE position = 300`);
    },
    found: { name: 'columns', kind: 'COLUMN', position: 300 },
  })),
  ...[
    ['is deleted', 'DELETE FROM ledger.event_stream WHERE position = 300'],
    ['is changed', 'UPDATE ledger.event_stream SET stream_version = 7 WHERE position = 300'],
    [
      'is added',
      'INSERT INTO ledger.event_stream SELECT log_id, gen_random_uuid(), 1, position FROM ledger.event_stream WHERE position = 300',
    ],
  ].map(([what, statement]) => ({
    what: `the row of a stream ${what}`,
    as: async (tx: PoolClient) => {
      await tx.query(String(statement));
    },
    found: { name: 'streams', kind: 'STREAM', position: 300 },
  })),
];

describe('what an owner of the database does to a published log', () => {
  let whole: PublishedLog;
  beforeAll(async () => {
    whole = await PublishedLog.start();
    await whole.record(REPORTS);
    expect(await whole.publish()).toBe(SIZE);
  });
  afterAll(() => whole.close());

  it('is nothing at first: everything verifies, and what is recorded later is no contradiction', async () => {
    expect(await whole.verify('--database')).toMatchObject({ code: 0, found: [] });
    const later = await whole.backUp({ withFolder: true });
    try {
      await later.record(10);
      expect(await later.verify('--database')).toMatchObject({ code: 0, found: [] });
    } finally {
      await later.close();
    }
  });

  it('is named also before anything of it is published: a row taken away from the end', async () => {
    const later = await whole.backUp({ withFolder: true });
    try {
      await later.record(10);
      await asOwner(later.log.owner, (tx) => removeEvent(tx, SIZE + 9));
      expect((await later.verify('--database')).found).toMatchObject([
        { name: 'database', kind: 'TRUNCATED', position: SIZE + 9 },
      ]);
    } finally {
      await later.close();
    }
  });

  it.each([...IN_DATABASE, ...BESIDE_THE_LEAVES])(
    'is named by its position: $what',
    async ({ as, thenRecorded, found }) => {
      const altered = await whole.backUp({ withFolder: true });
      try {
        await asOwner(altered.log.owner, as);
        altered.goAnotherWay();
        if (thenRecorded !== undefined) await altered.record(thenRecorded);
        const verified = await altered.verify('--database');
        expect([verified.found[0], verified.output]).toMatchObject([found, expect.any(String)]);
        expect(verified.code).toBe(1);
      } finally {
        await altered.close();
      }
    },
  );
});
