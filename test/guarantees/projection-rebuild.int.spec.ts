import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { generations, rebuild, RebuildDiffersError, RebuildRunningError } from '#app/read-models';
import { createPool } from '#app/runtime';
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
let story: IncidentStory;
beforeEach(async () => {
  projection = await startProjection();
  story = new IncidentStory(projection.log);
});
afterEach(() => projection.close());

const append = (seed: number, count: number): Promise<number> =>
  projection.log.append(randomEvents(story, randomOf(seed), count));

const statuses = async (): Promise<string[]> => (await generations(projection.pool)).map(({ status }) => status);

describe('a rebuild', () => {
  it('gives the tables that were live, to the byte, and moves readers to them', async () => {
    await append(1, 500);
    await projectAll(projection.pool);
    const before = await digestsOf(projection.pool);

    const result = await rebuild({ pool: projection.pool });
    expect(result).toMatchObject({ generation: 3, replaced: 2, differing: [], events: 504, position: 503 });
    expect(await digestsOf(projection.pool)).toEqual(before);
    expect(await statuses()).toEqual(['RETIRED', 'LIVE']);
    const { rows } = await projection.log.owner.query<{ definition: string }>(
      "SELECT pg_get_viewdef('read_model.balance'::regclass) AS definition",
    );
    expect(rows[0]?.definition).toContain('balance_3');
  });

  it('keeps the generation it replaced and drops the ones before', async () => {
    await append(2, 50);
    await projectAll(projection.pool);
    for (let n = 0; n < 3; n += 1) await rebuild({ pool: projection.pool });
    expect((await generations(projection.pool)).map(({ generation, status }) => [generation, status])).toEqual([
      [4, 'RETIRED'],
      [5, 'LIVE'],
    ]);
    const { rows } = await projection.log.owner.query(
      "SELECT FROM pg_tables WHERE tablename IN ('posting_2', 'posting_3')",
    );
    expect(rows).toHaveLength(0);
  });

  it('that is killed half-way is resumed where it was and then switches', async () => {
    await append(3, 2500);
    await projectAll(projection.pool);
    // A process that is killed is, to the database, a set of connections that end.
    const killed = createPool(projection.log.url, {
      role: 'ledger_projector',
      max: 5,
      applicationName: 'killed-rebuild',
    });
    const first = rebuild({
      pool: killed,
      onProgress: ({ done }) => {
        if (done < 500) return;
        void projection.log.owner.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'killed-rebuild'",
        );
      },
    });
    await expect(first).rejects.toThrow(/terminat|closed|queryable/i);
    await killed.end();
    const left = (await generations(projection.pool)).find(({ status }) => status === 'BUILDING');
    expect(left?.position).toBeGreaterThan(0);
    expect(left?.position).toBeLessThan(2503);

    const second = await rebuild({ pool: projection.pool });
    expect(second).toMatchObject({ generation: 3, resumedAfter: left?.position, differing: [] });
    expect(second.events).toBe(2503 - (left?.position ?? 0));
    expect(await statuses()).toEqual(['RETIRED', 'LIVE']);
  });

  it('starts over when it is told to', async () => {
    await append(4, 1500);
    await projectAll(projection.pool);
    const stop = new AbortController();
    const first = rebuild({
      pool: projection.pool,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(first).rejects.toThrow('enough');
    expect(await rebuild({ pool: projection.pool, fresh: true })).toMatchObject({
      resumedAfter: null,
      differing: [],
      events: 1504,
    });
  });

  it('switches while events keep arriving and are projected, and loses none', async () => {
    await append(5, 1000);
    await projectAll(projection.pool);
    const rebuilt = new AbortController();
    const arriving = (async () => {
      for (let batch = 0; !rebuilt.signal.aborted; batch += 1) {
        await append(100 + batch, 15);
        await projectAll(projection.pool);
      }
    })();
    const results = [await rebuild({ pool: projection.pool }), await rebuild({ pool: projection.pool })];
    rebuilt.abort();
    await arriving;
    expect(results.map(({ differing }) => differing)).toEqual([[], []]);
    const { position } = await projectAll(projection.pool);
    // A last one, over everything that was projected on both sides of the two switches.
    expect(await rebuild({ pool: projection.pool })).toMatchObject({ differing: [], position });
  });

  it('compares what came within a range of positions, whatever came later', async () => {
    await append(9, 300);
    await projectAll(projection.pool);
    const range = { after: 100, upTo: 200 };
    const before = await digestsOf(projection.pool, range);
    await append(10, 300);
    await projectAll(projection.pool);
    expect(await digestsOf(projection.pool, range)).toEqual(before);
  });

  it('switches when the live generation is far behind, and readers never go back', async () => {
    await append(6, 300);
    expect(await rebuild({ pool: projection.pool })).toMatchObject({ position: 303, differing: [] });
    expect((await projectAll(projection.pool)).position).toBe(303);
  });

  it('runs once at a time', async () => {
    await append(7, 800);
    await projectAll(projection.pool);
    const [first, second] = await Promise.allSettled([
      rebuild({ pool: projection.pool }),
      rebuild({ pool: projection.pool }),
    ]);
    const refused = [first, second].filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(1);
    expect((refused[0] as PromiseRejectedResult).reason).toBeInstanceOf(RebuildRunningError);
  });
});

describe('live figures that do not follow from the log', () => {
  it.each([
    [
      'a changed balance',
      'UPDATE read_model.balance_2 SET lo = lo + 1 WHERE ctid = (SELECT min(ctid) FROM read_model.balance_2)',
      'balance',
    ],
    [
      'a lost posting',
      'DELETE FROM read_model.posting_2 WHERE ctid = (SELECT min(ctid) FROM read_model.posting_2)',
      'posting',
    ],
    [
      'a changed word',
      "UPDATE read_model.code_2 SET third = 'IQ-XX' WHERE code = (SELECT max(code) FROM read_model.code_2 WHERE kind = 'REGION')",
      'posting',
    ],
    [
      'two words that changed places',
      `UPDATE read_model.code_2 SET code = code + 1000000 WHERE code IN (
         SELECT unnest(ARRAY[min(code), max(code)]) FROM read_model.code_2 WHERE kind = 'FIGURE' AND code > 0);
       UPDATE read_model.code_2 SET code = (SELECT min(code) + max(code) FROM read_model.code_2 WHERE code > 1000000) - code - 1000000
        WHERE code > 1000000`,
      'posting',
    ],
    [
      'a changed claim',
      "UPDATE read_model.report_2 SET body = replace(body, 'Outlet', 'Outfit') WHERE from_position = 100",
      'report',
    ],
    [
      'a changed version',
      'UPDATE read_model.incident_version_2 SET reports = reports + 1 WHERE from_position = (SELECT max(from_position) FROM read_model.incident_version_2)',
      'incident_version',
    ],
    [
      'a lost moment',
      'DELETE FROM read_model.moment_2 WHERE position = (SELECT max(position) FROM read_model.moment_2)',
      'moment',
    ],
  ])('are found: %s', async (_what, damage, table) => {
    await append(8, 200);
    await projectAll(projection.pool);
    await projection.log.owner.query(damage);

    const failure = await rebuild({ pool: projection.pool }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RebuildDiffersError);
    expect((failure as RebuildDiffersError).tables).toContain(table);
    expect(await statuses()).toEqual(['LIVE', 'BUILDING']);

    // The way out: readers get what the log says.
    await rebuild({ pool: projection.pool, acceptDifferences: true });
    expect(await statuses()).toEqual(['RETIRED', 'LIVE']);
    expect((await rebuild({ pool: projection.pool })).differing).toEqual([]);
  });
});
