import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { replay, ReplayBeyondFiguresError } from '#app/read-models';
import { createPool } from '#app/runtime';
import type pg from 'pg';
import {
  IncidentStory,
  randomEvents,
  randomOf,
  startProjection,
  type TestProjection,
} from '../support/incident-story.js';
import { digestsOf, projectAll } from '../support/project-all.js';

jest.setTimeout(60_000);

let projection: TestProjection;
/** As ledger_audit: it may read everything and write only in schema scratch. */
let auditor: pg.Pool;
beforeEach(async () => {
  projection = await startProjection();
  auditor = createPool(projection.log.url, { role: 'ledger_audit', max: 4 });
  const story = new IncidentStory(projection.log);
  for (let batch = 0; batch < 10; batch += 1) await projection.log.append(randomEvents(story, randomOf(batch), 60));
  await projectAll(projection.pool);
});
afterEach(async () => {
  await auditor.end();
  await projection.close();
});

async function scratchTables(): Promise<string[]> {
  const { rows } = await projection.log.owner.query<{ tablename: string }>(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'scratch' AND tablename <> 'replay'",
  );
  return rows.map(({ tablename }) => tablename);
}

describe('a replay', () => {
  it.each([0, 3, 17, 250, 603])('up to %i gives what the live tables were at that position', async (upTo) => {
    const seen: number[] = [];
    const outcome = await replay({ pool: auditor, upTo, onProgress: ({ done }) => seen.push(done) });
    expect(outcome).toMatchObject({ upTo, differing: [], events: upTo + 1 });
    expect(outcome.replayed).toEqual(await digestsOf(projection.pool, { upTo }));
    expect(seen.at(-1)).toBe(upTo + 1);
    expect(await scratchTables()).toEqual([]);
  });

  it('up to the head gives the kept balances as well', async () => {
    expect((await replay({ pool: auditor, upTo: 603 })).replayed).toEqual(await digestsOf(projection.pool));
  });

  it('tells which table was altered', async () => {
    await projection.log.owner.query(`
      UPDATE read_model.posting_2 SET d_lo = coalesce(d_lo, 0) + 1
       WHERE ctid = (SELECT ctid FROM read_model.posting_2 WHERE position >= 100 ORDER BY position LIMIT 1)`);
    expect((await replay({ pool: auditor, upTo: 603 })).differing).toEqual(['posting', 'balance']);
    expect((await replay({ pool: auditor, upTo: 99 })).differing).toEqual([]);
  });

  it('is refused beyond what the figures show, and cleans up after one that was cut off', async () => {
    await expect(replay({ pool: auditor, upTo: 604 })).rejects.toBeInstanceOf(ReplayBeyondFiguresError);
    await auditor.query("SELECT read_model.create_tables('scratch', 'r0123456789ab', 'UNLOGGED')");
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    await expect(replay({ pool: auditor, upTo: 603, signal: stop.signal })).rejects.toThrow('stopped');
    expect(await scratchTables()).toEqual([]);
  });
});
