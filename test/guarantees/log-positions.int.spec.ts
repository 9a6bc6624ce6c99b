import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  appendEvents,
  ClockBehindError,
  ConcurrencyError,
  createLog,
  DEFAULT_LOG_ID,
  EventPartitions,
  MasterKey,
  parseLeaf,
  positionAt,
  readEvents,
  readHead,
  streamEvents,
} from '#app/log';
import { createPool, isTransient, withTransaction } from '#app/runtime';
import { freshDatabase } from '../support/database.js';
import { gapEvent, LOG_OPTIONS, startLog, type TestLog } from '../support/log.js';

// Databases are made, and both cores may be busy with other specs.
jest.setTimeout(60_000);

/** Every row of the log; checks on the way what each leaf says of itself. */
async function readAll(log: TestLog): Promise<{ position: number; recordedAt: Date }[]> {
  const all: { position: number; recordedAt: Date }[] = [];
  for await (const page of streamEvents(log.pool, { after: -1, pageSize: 500 })) {
    for (const { position, recordedAt, leaf } of page) {
      const event = parseLeaf(leaf);
      expect(event.position).toBe(position);
      expect(event.recordedAt).toBe(recordedAt.toISOString());
      all.push({ position, recordedAt });
    }
  }
  return all;
}

function expectDense(rows: readonly { position: number; recordedAt: Date }[]): void {
  expect(rows.map(({ position }) => position)).toEqual(rows.map((_, index) => index));
  for (let i = 1; i < rows.length; i += 1) {
    expect(rows[i]!.recordedAt.getTime()).toBeGreaterThanOrEqual(rows[i - 1]!.recordedAt.getTime());
  }
}

describe('positions', () => {
  const WRITERS = 16;
  const BATCHES = 25;
  let log: TestLog;
  beforeAll(async () => {
    log = await startLog({ connections: WRITERS + 2, partitionSize: 500 });
  });
  afterAll(() => log.close());

  it('are dense with 16 writers at once, across partitions, and a reader that follows misses none', async () => {
    const partitions = new EventPartitions(log.pool);
    const failed = new Error('given up on purpose');
    let appended = 0;
    let writing = true;
    const write = async (writer: number) => {
      const stream = randomUUID();
      let version = 0;
      for (let batch = 0; batch < BATCHES; batch += 1) {
        const size = 1 + ((writer + batch) % 9);
        const events = Array.from({ length: size }, (_, i) =>
          gapEvent(log, { stream, streamVersion: version + i + 1 }),
        );
        const giveUp = batch % 5 === 4;
        await withTransaction(log.pool, async (tx) => {
          const { first } = await appendEvents(tx, DEFAULT_LOG_ID, events);
          if (giveUp) throw failed;
          return first;
        })
          .then((first) => {
            version += size;
            appended += size;
            return partitions.prepareFor(first + size - 1);
          })
          .catch(async (error: unknown) => {
            // What a batch that lost a race does: again, with the partition made for sure.
            if (error instanceof ConcurrencyError) await partitions.prepareFor();
            else if (error !== failed) throw error;
          });
      }
    };
    const follow = async () => {
      const seen: number[] = [];
      for (let more = true; more; ) {
        // Read before the page: what is appended in between is on the next one.
        const last = !writing;
        const page = await readEvents(log.pool, { after: seen.at(-1) ?? -1, limit: 100 });
        seen.push(...page.map(({ position }) => position));
        more = page.length > 0 || !last;
        if (page.length === 0) await setTimeout(2);
      }
      return seen;
    };
    const following = follow();
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    writing = false;
    const seen = await following;
    const rows = await readAll(log);
    expect(appended).toBeGreaterThan(1000);
    expect(rows).toHaveLength(appended + 4);
    expectDense(rows);
    expect(seen).toEqual(rows.map(({ position }) => position));
    const { rows: parts } = await log.owner.query(
      `SELECT tableoid::regclass::text AS part, count(*)::int AS n FROM ledger.event GROUP BY 1 ORDER BY min(position)`,
    );
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.slice(0, 2)).toEqual([
      { part: 'ledger.event_from_0', n: 500 },
      { part: 'ledger.event_from_500', n: 500 },
    ]);
  });

  it('cross a partition boundary inside one batch, the next partition being there before it is needed', async () => {
    const partitions = new EventPartitions(log.pool);
    const { position } = await readHead(log.pool);
    await partitions.prepareFor(position);
    const boundary = Math.ceil((position + 2) / 500) * 500;
    const stream = randomUUID();
    for (let version = 0, last = position; last < boundary + 10; ) {
      const base = version;
      const events = Array.from({ length: 40 }, (_, i) => gapEvent(log, { stream, streamVersion: base + i + 1 }));
      last = (await log.append(events)) + 39;
      version += 40;
      await partitions.prepareFor(last);
    }
    expectDense(await readAll(log));
  });

  it('have partitions made only near the head, by two processes at once too', async () => {
    await expect(log.pool.query('SELECT ledger.ensure_event_partition(1000000000)')).rejects.toMatchObject({
      code: '22023',
    });
    await Promise.all([1, 2, 3, 4].map(() => new EventPartitions(log.pool).prepareFor()));
  });

  it('belong to one event each, also when it touches several streams: each stream has its own order', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const both = { ...gapEvent(log, { stream: one, streamVersion: 1 }), also: [{ stream: other, streamVersion: 1 }] };
    const position = await log.append([both, gapEvent(log, { stream: other, streamVersion: 2 })]);
    const { rows } = await log.pool.query<{ stream_id: string; versions: number[] }>(
      `SELECT stream_id, array_agg(stream_version ORDER BY position) AS versions FROM ledger.event_stream
        WHERE stream_id = ANY ($1::uuid[]) GROUP BY stream_id`,
      [[one, other]],
    );
    expect(new Map(rows.map((row) => [row.stream_id, row.versions]))).toEqual(
      new Map([
        [one, [1]],
        [other, [1, 2]],
      ]),
    );
    const ofOther = await readEvents(log.pool, { after: -1, limit: 10, stream: other });
    expect(ofOther.map((row) => row.position)).toEqual([position, position + 1]);
    const late = { ...gapEvent(log, { stream: one, streamVersion: 2 }), also: [{ stream: other, streamVersion: 2 }] };
    await expect(log.append([late])).rejects.toMatchObject({ name: 'ConcurrencyError' });
    expect((await readHead(log.pool)).position).toBe(position + 1);
  });

  it('are found by moment, halving', async () => {
    const rows = await readAll(log);
    for (const index of [0, 3, 7, 511, rows.length - 1]) {
      const { recordedAt } = rows[index]!;
      const last = rows.findLastIndex((row) => row.recordedAt.getTime() <= recordedAt.getTime());
      expect(await positionAt(log.pool, recordedAt)).toBe(last);
      const [first] = await readEvents(log.pool, { after: -1, limit: 1, recordedFrom: recordedAt });
      expect(first!.position).toBe(rows.findIndex((row) => row.recordedAt.getTime() === recordedAt.getTime()));
    }
    expect(await positionAt(log.pool, new Date(rows[0]!.recordedAt.getTime() - 1))).toBe(-1);
  });
});

describe('the clock', () => {
  let log: TestLog;
  beforeAll(async () => {
    log = await startLog();
  });
  afterAll(() => log.close());

  /** Moves the one clock of the log. */
  const shift = (by: string) =>
    log.owner.query(
      `CREATE OR REPLACE FUNCTION ledger.clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$SELECT clock_timestamp() + interval '${by}'$$`,
    );
  const append = () => log.append([gapEvent(log, { stream: randomUUID(), streamVersion: 1 })]);

  it('may go back a little: recordedAt stays where it was', async () => {
    await shift('30 seconds');
    await append();
    const ahead = await readHead(log.pool);
    await shift('0 seconds');
    await append();
    await append();
    expect((await readHead(log.pool)).recordedAt).toEqual(ahead.recordedAt);
    expectDense(await readAll(log));
  });

  it('that is more than 60 s behind the head stops appends, until it is right again', async () => {
    await shift('90 seconds');
    await append();
    const head = await readHead(log.pool);
    await shift('0 seconds');
    const refused = await append().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ClockBehindError);
    expect(isTransient(refused)).toBe(true);
    expect(await readHead(log.pool)).toEqual(head);
    await shift('60 seconds');
    expect(await append()).toBe(head.position + 1);
    expectDense(await readAll(log));
  });
});

describe('a log', () => {
  it('is created once by processes that start together, with LogCreated first', async () => {
    const database = await freshDatabase();
    const pools = [1, 2, 3, 4].map(() => createPool(database.url, { role: 'ledger_ingest', max: 2 }));
    try {
      const masterKey = new MasterKey(Buffer.alloc(32, 1));
      const heads = await Promise.all(pools.map((pool) => createLog(pool, { ...LOG_OPTIONS, masterKey })));
      expect(new Set(heads.map(({ log }) => log)).size).toBe(1);
      const events = await readEvents(pools[0]!, { after: -1, limit: 10 });
      expect(events.map(({ leaf }) => parseLeaf(leaf).type)).toEqual([
        'LogCreated',
        'BoundarySetActivated',
        'ConversionPolicyActivated',
        'ProjectionActivated',
      ]);
      expect(parseLeaf(events[0]!.leaf)).toMatchObject({ log: heads[0]!.log, position: 0, v: 1, source: null, sd: {} });
    } finally {
      await Promise.all(pools.map((pool) => pool.end()));
      await database.drop();
    }
  });
});
