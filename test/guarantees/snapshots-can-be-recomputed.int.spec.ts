import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PROJECTION_VERSION } from '#app/domain';
import { readSealedSnapshots } from '#app/log';
import {
  digestSnapshot,
  type LeafSource,
  type PlacedLeaf,
  READ_MODEL_TABLES,
  rebuild,
  replay,
  type SnapshotDigested,
  tablesOfGeneration,
} from '#app/read-models';
import { createPool } from '#app/runtime';
import type pg from 'pg';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { DecisionStory } from '../support/decision-story.js';
import { IncidentStory, randomOf, startProjection, type TestProjection } from '../support/incident-story.js';
import { digestsOf, projectAll } from '../support/project-all.js';
import { publishedDigest } from '../support/published-digest.js';
import { startQueryApi } from '../support/query-api.js';

jest.setTimeout(180_000);

let projection: TestProjection;
let story: IncidentStory;
let decisions: DecisionStory;

beforeEach(async () => {
  projection = await startProjection();
  story = new IncidentStory(projection.log);
  decisions = new DecisionStory(story, randomOf(7));
  await projection.log.append(decisions.events(250));
  await projectAll(projection.pool);
});
afterEach(() => projection.close());

/** Reports and decisions at random, projected. @returns the last position */
async function goOn(count: number): Promise<number> {
  await projection.log.append(decisions.events(count));
  return (await projectAll(projection.pool)).position;
}

/** Seals a snapshot under the next position. */
async function seal(name: string): Promise<number> {
  const position = await projection.log.append([story.decision('SnapshotSealed', { name, projection: 1 })]);
  await projectAll(projection.pool);
  return position;
}

async function digested(upTo: number): Promise<Extract<SnapshotDigested, { kind: 'DIGESTED' }>> {
  const outcome = await digestSnapshot(projection.pool, { upTo });
  if (outcome.kind !== 'DIGESTED') throw new Error(JSON.stringify(outcome));
  return outcome;
}

/** What ingest records of the projector's decision. @returns the position of the event */
async function recordDigests(name: string, position: number): Promise<number> {
  const { projection: version, tables } = await digested(position);
  const digests = { algorithm: 'rows-sha256-v1', tables };
  const event = story.decision('SnapshotSealed', { name, projection: version, position, digests });
  const at = await projection.log.append([event]);
  await projectAll(projection.pool);
  return at;
}

/** The log's leaves, as one gets them from somewhere else. */
async function leavesElsewhere(): Promise<LeafSource> {
  const { rows } = await projection.log.owner.query<PlacedLeaf>('SELECT position, leaf FROM ledger.event ORDER BY 1');
  return {
    read: ({ after, limit }) => Promise.resolve(rows.slice(after + 1, after + 1 + limit)),
    at: (positions) => Promise.resolve(positions.map((position) => rows[position] as PlacedLeaf)),
  };
}

describe('the digests of a snapshot', () => {
  it('are what the documentation says, for every table and as of any position', async () => {
    const tables = tablesOfGeneration(2);
    for (const upTo of [0, 3, 40, 253]) {
      const { tables: found } = await digested(upTo);
      for (const table of READ_MODEL_TABLES) {
        expect([upTo, table, found[table]]).toEqual([
          upTo,
          table,
          await publishedDigest(projection.pool, table, { tables, upTo }),
        ]);
      }
    }
  });

  it('stay the same after more events, after they are recorded, and in another generation', async () => {
    const position = await seal('october-2018');
    const { tables } = await digested(position);
    await goOn(200);
    await recordDigests('october-2018', position);
    expect((await digested(position)).tables).toEqual(tables);
    await rebuild({ pool: projection.pool });
    await goOn(30);
    expect((await digested(position)).tables).toEqual(tables);
    expect(tables).not.toEqual(await digestsOf(projection.pool));
  });

  it('are what a replay gives: from this log, and from leaves alone in a database that is empty', async () => {
    const position = await seal('october-2018');
    await goOn(120);
    const at = await recordDigests('october-2018', position);
    await goOn(20);
    const { tables } = await digested(position);
    const auditor = createPool(projection.log.url, { role: 'ledger_audit', max: 4 });
    const here = await replay({ pool: auditor, upTo: position }).finally(() => auditor.end());
    expect(here).toMatchObject({ differing: [], replayed: tables, live: tables });
    expect(here.recorded).toMatchObject({
      name: 'october-2018',
      incomparable: null,
      digests: { tables, position: at },
    });
    const elsewhere = await inAnotherDatabase(async (pool) => {
      const snapshots = (await readSealedSnapshots(projection.pool)).list();
      const log = { leaves: await leavesElsewhere(), snapshots, isLiveHere: false };
      return replay({ pool, upTo: position, log });
    });
    expect(elsewhere).toMatchObject({ differing: [], replayed: tables, live: null, balances: null });
    expect(elsewhere.recorded?.name).toBe('october-2018');
  });

  it('are told apart when those in the log are wrong, or of another projection or algorithm', async () => {
    const wrong = { posting: '0'.repeat(64) };
    const cases = [
      ['a-lie', PROJECTION_VERSION, 'rows-sha256-v1', ['posting'], null],
      ['of-old', PROJECTION_VERSION - 1, 'rows-sha256-v1', [], expect.stringContaining('projection')],
      ['otherwise', PROJECTION_VERSION, 'rows-sha256-v2', [], expect.stringContaining('rows-sha256-v2')],
    ] as const;
    const auditor = createPool(projection.log.url, { role: 'ledger_audit', max: 4 });
    for (const [name, version, algorithm, differing, incomparable] of cases) {
      const position = await seal(name);
      const tables = { ...(await digested(position)).tables, ...wrong };
      const data = { name, projection: version, position, digests: { algorithm, tables } };
      await projection.log.append([story.decision('SnapshotSealed', data)]);
      await projectAll(projection.pool);
      const outcome = await replay({ pool: auditor, upTo: position });
      expect([outcome.differing, outcome.recorded?.incomparable]).toEqual([differing, incomparable]);
    }
    await auditor.end();
  });

  it('wait for the figures, and for figures that the running version made as the log says', async () => {
    const { position } = await projectAll(projection.pool);
    expect(await digestSnapshot(projection.pool, { upTo: position + 1 })).toEqual({ kind: 'BEHIND', position });
    const made = (by: number): Promise<unknown> =>
      projection.log.owner.query("UPDATE read_model.generation SET projection = $1 WHERE status = 'LIVE'", [by]);
    await made(PROJECTION_VERSION - 1);
    expect(await digestSnapshot(projection.pool, { upTo: position })).toMatchObject({ kind: 'HELD' });
    await made(PROJECTION_VERSION);
    await rebuild({ pool: projection.pool, policyOverride: 1 });
    expect(await digestSnapshot(projection.pool, { upTo: position })).toMatchObject({ kind: 'HELD' });
    await rebuild({ pool: projection.pool, policyOverride: null });
    expect(await digestSnapshot(projection.pool, { upTo: position })).toMatchObject({ kind: 'DIGESTED' });
  });

  it('are shown by the query API from the event on that holds them, and the name keeps its position', async () => {
    const position = await seal('october-2018');
    await goOn(10);
    const at = await recordDigests('october-2018', position);
    const api = await startQueryApi(projection);
    try {
      const shown = async (asOf: number | string): Promise<unknown> =>
        (await api.json(`/v1/snapshots?asOf=${asOf}`)).data.find(
          ({ name }: { name: string }) => name === 'october-2018',
        );
      const { tables } = await digested(position);
      const sealed = { name: 'october-2018', position, projection: 1, by: 'Layla' };
      expect(await shown('october-2018')).toMatchObject({ ...sealed, digests: null });
      expect(await shown(at - 1)).toMatchObject({ ...sealed, digests: null });
      expect(await shown(at)).toMatchObject({
        ...sealed,
        digests: { algorithm: 'rows-sha256-v1', projection: PROJECTION_VERSION, position: at, tables },
      });
      const { asOf } = await api.json('/v1/casualties?asOf=october-2018');
      expect(asOf.position).toBe(position);
    } finally {
      await api.close();
    }
  });
});

async function inAnotherDatabase<T>(work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const database: TestDatabase = await freshDatabase();
  const pool = createPool(database.url, { role: 'ledger_audit', max: 4 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
    await database.drop();
  }
}
