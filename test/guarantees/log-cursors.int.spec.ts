import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  advanceCursor,
  appendEvents,
  type Cursor,
  DEFAULT_LOG_ID,
  EventPartitions,
  loadCursors,
  readEvents,
  readHead,
  replaceCursor,
  setLineage,
} from '#app/log';
import { withTransaction } from '#app/runtime';
import { gapEvent, startLog, type TestLog } from '../support/log.js';

// Databases are made, and both cores may be busy with other specs.
jest.setTimeout(60_000);

describe('the cursor of a Kafka partition', () => {
  const key = { cluster: 'c', topic: 'conflict.reports.v1', partition: 0, group: 'g' };
  let log: TestLog;
  beforeAll(async () => {
    log = await startLog({ connections: 8 });
  });
  afterAll(() => log.close());

  it('is made once, at offset 0, whoever asks first; another cluster has another', async () => {
    const keys = [key, { ...key, partition: 1 }, { ...key, cluster: 'recreated' }];
    const loaded = await Promise.all([1, 2, 3, 4].map(() => loadCursors(log.pool, keys)));
    for (const cursors of loaded) expect(cursors).toEqual(loaded[0]);
    expect(loaded[0]!.map(({ nextOffset }) => nextOffset)).toEqual([0, 0, 0]);
    expect(new Set(loaded[0]!.map(({ cursorId }) => cursorId)).size).toBe(3);
  });

  it('fences: of processes that hold the same batch exactly one records it', async () => {
    const [cursor] = (await loadCursors(log.pool, [key])) as [Cursor];
    const before = await readHead(log.pool);
    const BATCHES = 40;
    const SIZE = 5;
    let lost = 0;
    const lostRace = new Error('somebody else has moved the cursor');
    const work = async () => {
      for (;;) {
        const [{ nextOffset: from }] = (await loadCursors(log.pool, [key])) as [Cursor];
        if (from >= BATCHES * SIZE) return;
        const events = Array.from({ length: SIZE }, (_, i) =>
          gapEvent(log, { stream: randomUUID(), streamVersion: 1 }, from + i),
        );
        await withTransaction(log.pool, async (tx) => {
          if (!(await advanceCursor(tx, cursor.cursorId, { from, to: from + SIZE }))) throw lostRace;
          await appendEvents(tx, DEFAULT_LOG_ID, events);
        }).catch((error: unknown) => {
          if (error !== lostRace) throw error;
          lost += 1;
        });
      }
    };
    await new EventPartitions(log.pool).prepareFor();
    await Promise.all([work(), work(), work()]);
    expect(lost).toBeGreaterThan(0);
    const rows = await readEvents(log.pool, { after: before.position, limit: 1000 });
    const offsets = rows.map(({ leaf }) => (JSON.parse(leaf) as { data: { fromOffset: number } }).data.fromOffset);
    expect(offsets).toEqual(Array.from({ length: BATCHES * SIZE }, (_, i) => i));
  });

  it('never goes back', async () => {
    const [cursor] = (await loadCursors(log.pool, [key])) as [Cursor];
    await expect(advanceCursor(log.pool, cursor.cursorId, { from: cursor.nextOffset, to: 3 })).rejects.toThrow(
      'forward',
    );
    expect(await loadCursors(log.pool, [key])).toEqual([cursor]);
  });

  it('is told which log it reads, by one of all who want to', async () => {
    const other = { ...key, partition: 2 };
    const [{ cursorId, lineage: was }] = (await loadCursors(log.pool, [other])) as [Cursor];
    expect(was).toEqual({ topicId: null, epoch: null });
    const tell = async (epochs: number[]): Promise<boolean[]> =>
      Promise.all(epochs.map((epoch) => setLineage(log.pool, cursorId, { was, is: { topicId: 'A', epoch } })));
    const told = await tell([0, 1, 2]);
    expect(told.filter(Boolean)).toHaveLength(1);
    const [named] = (await loadCursors(log.pool, [other])) as [Cursor];
    expect(named.lineage).toEqual({ topicId: 'A', epoch: told.indexOf(true) });
    const later = { topicId: 'A', epoch: 9 };
    expect(await setLineage(log.pool, cursorId, { was: named.lineage, is: later })).toBe(true);
    expect(await tell([3])).toEqual([false]);
  });

  it('leaves its place to another one when its log is gone, by one of all who see it; what was read of the old one stays with it', async () => {
    const [old] = (await loadCursors(log.pool, [key])) as [Cursor];
    const { cursorId, nextOffset: from } = old;
    const anew = { from, to: 0, lineage: { topicId: 'B', epoch: 0 } };
    expect(await replaceCursor(log.pool, old, { ...anew, from: from + 1 })).toBeNull();
    const replaced = await Promise.all(
      [1, 2, 3].map(() => withTransaction(log.pool, (tx) => replaceCursor(tx, old, anew))),
    );
    const [present] = (await loadCursors(log.pool, [key])) as [Cursor];
    expect(replaced.filter((id) => id !== null)).toEqual([present.cursorId]);
    expect(present).toEqual({ ...old, cursorId: present.cursorId, nextOffset: 0, lineage: anew.lineage });
    // Whoever slept over it with messages of the old log moves the old one, wherever the new one stands by then.
    await advanceCursor(log.pool, present.cursorId, { from: 0, to: from });
    expect(await advanceCursor(log.pool, cursorId, { from, to: from + 9 })).toBe(true);
    expect(await loadCursors(log.pool, [key])).toEqual([{ ...present, nextOffset: from }]);
    expect(await replaceCursor(log.pool, old, { ...anew, from: from + 9 })).toBeNull();
  });
});
