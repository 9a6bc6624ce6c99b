import { describe, expect, it } from '@jest/globals';
import type { AppHealth } from './app-health.js';
import type { DatabaseStatus } from './database-status.js';
import { hasBacklog, problemsOf, type Seen } from './problems.js';

const seen = (database: Partial<DatabaseStatus>, next = 7, end = 7): Seen => ({
  database: {
    ...{ head: 100, recordedAt: null, projected: 100, projectionLag: 0, openRejections: 0 },
    ...{ checkpoint: null, unpublishedSeconds: null, cursors: [] },
    ...database,
  },
  kafka: { cluster: 'c', partitions: [{ topic: 't', partition: 0, end, next, lag: end - next }] },
});
const app = (name: string, checks: AppHealth['checks']): AppHealth => ({
  ...{ app: name, url: 'http://127.0.0.1', state: 'ready', reason: null },
  checks,
});
const codes = (...args: Parameters<typeof problemsOf>): string[] => problemsOf(...args).map(({ code }) => code);

describe('the problems that a status tells', () => {
  it('are none of a system that works off what it has', () => {
    expect(hasBacklog(seen({}))).toBe(false);
    expect(codes(null, seen({}), [])).toEqual([]);
    const busy = [
      seen({ projected: 50, projectionLag: 50 }, 3, 7),
      seen({ projected: 60, projectionLag: 40 }, 5, 7),
    ] as const;
    expect(hasBacklog(busy[0])).toBe(true);
    expect(codes(...busy, [])).toEqual([]);
    // What came in between the two looks is no backlog that stands still.
    expect(codes(seen({}), seen({ head: 101, projectionLag: 1 }, 7, 8), [])).toEqual([]);
  });

  it('are a partition and figures that stand still', () => {
    const still = seen({ projected: 50, projectionLag: 50 }, 3, 7);
    expect(codes(still, still, [])).toEqual(['CURSOR_STUCK', 'FIGURES_STUCK']);
  });

  it('are a topic that was made again, behind whose end the cursor stands', () => {
    expect(codes(null, seen({}, 7, 3), [])).toEqual(['CURSOR_BEYOND_END']);
  });

  it('are a late checkpoint and a relay that is far behind', () => {
    expect(codes(null, seen({ unpublishedSeconds: 14 }), [])).toEqual([]);
    expect(codes(null, seen({ unpublishedSeconds: 16 }), [])).toEqual(['CHECKPOINT_LATE']);
    const relay = app('relay', { relay: { status: 'up', position: 5 } });
    expect(codes(null, seen({ head: 20_000 }), [relay])).toEqual(['RELAY_BEHIND']);
  });

  it('are what an app tells though it is ready', () => {
    const told = [
      app('audit-api', { tiles: { status: 'up', code: 'TILES_DAMAGED', damage: 'tile/0/000 is missing' } }),
      app('query-api', { vault: { status: 'up', code: 'MASTER_KEY_WRONG', reason: 'does not open' } }),
      app('projector', {
        database: { status: 'up', code: 'CLOCKS_DIFFER', reason: '90 s ahead' },
        snapshots: { status: 'up', waiting: [], reason: null },
      }),
      app('notary', { database: { status: 'down', code: 'DATABASE_DOWN', reason: 'told elsewhere' } }),
    ];
    expect(codes(null, seen({}), told)).toEqual(['TILES_DAMAGED', 'MASTER_KEY_WRONG', 'CLOCKS_DIFFER']);
  });
});
