import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { PartitionCursor, PartitionKey } from './cursors.js';
import type { Lineage } from './lineage.js';
import { Positions } from './positions.js';

const LINEAGE: Lineage = { topicId: 'A', epoch: 0 };
const [first, second] = [0, 1].map((partition) => ({ cluster: 'c', topic: 't', partition, group: 'g' })) as [
  PartitionKey,
  PartitionKey,
];

/** Kafka holds ten messages of each partition, and the database knows four of them; each question can be made to wait. */
function positionsWith({ beforeOffsets = async () => undefined, beforeCursor = async () => undefined }: Waits = {}) {
  const asked: number[] = [];
  const positions = new Positions({
    admin: {
      fetchTopicOffsets: async () => {
        await beforeOffsets();
        return [first, second].map(({ partition }) => ({ partition, offset: '10', low: '0', high: '10' }));
      },
    },
    lineages: { of: async () => LINEAGE, endOf: async () => null },
    cursors: {
      read: async ({ partition }): Promise<PartitionCursor> => {
        asked.push(partition);
        await beforeCursor();
        return { cursorId: partition, next: 4, lineage: LINEAGE };
      },
      setLineage: async () => true,
      recordGap: async () => ({ kind: 'recorded' }),
    },
    logger: pino({ level: 'silent' }),
  });
  return { positions, asked };
}

interface Waits {
  beforeOffsets?: () => Promise<void>;
  beforeCursor?: () => Promise<void>;
}

/** A question that waits until it is let go. */
function held() {
  let letGo = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return { wait: () => promise, letGo: () => letGo() };
}

const lagsOf = (positions: Positions): unknown => positions.lags().map(({ key, lag }) => [key.partition, lag]);

describe('where this process stands', () => {
  it('is known of the partitions that are assigned, once they are located', async () => {
    const { positions } = positionsWith();
    positions.assign([first, second]);
    expect(lagsOf(positions)).toEqual([]);
    await positions.locate(first);
    expect(await positions.lost([first, second])).toEqual([second]);
    expect(lagsOf(positions)).toEqual([[0, 6]]);
    expect(await positions.locate(second)).toMatchObject({ next: 4 });
    expect(lagsOf(positions)).toEqual([
      [0, 6],
      [1, 6],
    ]);
  });

  it('is not told of a partition that was taken away while the broker was asked how far it goes', async () => {
    const broker = held();
    const { positions } = positionsWith({ beforeOffsets: broker.wait });
    positions.assign([first, second]);
    const lost = positions.lost([first, second]);
    positions.assign([first]);
    broker.letGo();
    // Who looks locates what is lost.
    for (const key of await lost) await positions.locate(key);
    await positions.locate(first);
    expect(lagsOf(positions)).toEqual([[0, 6]]);
  });

  it('is not told of a partition that was taken away while the database was asked for its cursor', async () => {
    const database = held();
    const { positions } = positionsWith({ beforeCursor: database.wait });
    positions.assign([first]);
    const located = positions.locate(first);
    positions.assign([]);
    database.letGo();
    expect(await located).toBeNull();
    expect(positions.get(first)).toBeUndefined();
    expect(lagsOf(positions)).toEqual([]);
  });

  it('is asked again of a partition that another process may have had meanwhile', async () => {
    const database = held();
    const { positions, asked } = positionsWith({ beforeCursor: database.wait });
    positions.assign([first]);
    const before = positions.locate(first);
    positions.assign([]);
    positions.assign([first]);
    const after = positions.locate(first);
    database.letGo();
    expect(await before).toBeNull();
    expect(await after).toMatchObject({ next: 4 });
    expect(asked).toEqual([0, 0]);
  });

  it('is not asked of a partition that is not assigned', async () => {
    const { positions, asked } = positionsWith();
    positions.assign([second]);
    expect(await positions.locate(first)).toBeNull();
    expect(asked).toEqual([]);
    expect(lagsOf(positions)).toEqual([]);
  });
});
