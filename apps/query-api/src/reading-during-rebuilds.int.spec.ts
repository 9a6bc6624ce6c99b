import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type AsOf,
  countIncidents,
  EVERY_INCIDENT,
  readFigureCells,
  readPublishers,
  rebuild,
  resolveAsOf,
} from '#app/read-models';
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource, type EntityManager } from 'typeorm';
import { randomOf, startProjection, type TestProjection } from '../../../test/support/incident-story.js';
import { projectAll } from '../../../test/support/project-all.js';
import { VariedStory } from '../../../test/support/varied-story.js';
import { readOptions, ReadDatabase } from './database/read-database.js';
import { QueryApiConfig } from './query-api.config.js';

jest.setTimeout(120_000);

let projection: TestProjection;
let story: VariedStory;
let source: DataSource;
let database: ReadDatabase;

beforeAll(async () => {
  projection = await startProjection();
  story = new VariedStory(projection.log, randomOf(11));
  await more(200);
  const config = Object.assign(new QueryApiConfig(), { DATABASE_URL: projection.log.url });
  source = await new DataSource(readOptions(config)).initialize();
  database = new ReadDatabase(source);
});
afterAll(async () => {
  await source?.destroy();
  await projection?.close();
});

async function more(events: number): Promise<void> {
  await projection.log.append(story.events(events));
  await projectAll(projection.pool);
}

const FILTER = { ...EVERY_INCIDENT, boundary: 'iso-3166' };

async function pinned(tx: EntityManager, position?: number): Promise<AsOf> {
  const result = await resolveAsOf(tx, position === undefined ? { kind: 'head' } : { kind: 'position', position });
  if (result.kind !== 'found') throw new Error(result.kind);
  return result.asOf;
}

/** Everything that readers ask for, from every table they read. */
async function answers(tx: EntityManager, asOf: AsOf): Promise<string> {
  const plain = await readFigureCells(tx, asOf, { filter: FILTER, dimensions: ['month'], estimator: 'max' });
  const joined = await readFigureCells(tx, asOf, { filter: FILTER, dimensions: ['day', 'weapon'], estimator: null });
  const request = { filter: FILTER, bbox: null, near: null, changedSince: null, sort: 'start' as const };
  const sorted = [plain, joined].map((cells) => (cells ?? []).map((cell) => JSON.stringify(cell)).toSorted());
  return JSON.stringify([sorted, await countIncidents(tx, asOf, request), await readPublishers(tx, asOf)]);
}

describe('while rebuilds switch', () => {
  it('an answer that was begun before is finished from the tables it was begun with', async () => {
    const before = await database.read(async (tx) => answers(tx, await pinned(tx)));
    const during = await database.read(async (tx) => {
      const asOf = await pinned(tx);
      await more(20);
      await rebuild({ pool: projection.pool });
      return answers(tx, asOf);
    });
    expect(during).toBe(before);
    expect(await database.read(async (tx) => answers(tx, await pinned(tx)))).not.toBe(before);
  });

  it('an answer whose tables are gone is begun again', async () => {
    let begun = 0;
    const position = await database.read(async (tx) => (await pinned(tx)).position);
    const answer = await database.read(async (tx) => {
      begun += 1;
      // The snapshot; the tables themselves are not looked at yet, so nothing keeps them.
      await tx.query('SELECT generation FROM read_model.generation');
      if (begun === 1) for (const _ of [1, 2]) await rebuild({ pool: projection.pool });
      return answers(tx, await pinned(tx, position));
    });
    expect(begun).toBe(2);
    expect(answer).toBe(await database.read(async (tx) => answers(tx, await pinned(tx, position))));
  });

  it('readers in a loop see the same figures of a position, and no error', async () => {
    const position = 150;
    const expected = await database.read(async (tx) => answers(tx, await pinned(tx, position)));
    const generations = new Set<number>();
    const seen: string[] = [];
    const switching = new AbortController();
    const reader = async (pauseMs: number): Promise<void> => {
      while (!switching.signal.aborted) {
        const answer = await database.read(async (tx) => {
          const asOf = await pinned(tx, position);
          generations.add(asOf.generation);
          await pause(pauseMs);
          return answers(tx, asOf);
        });
        seen.push(answer);
      }
    };
    const readers = [0, 3, 10, 30].map(reader);
    for (let round = 0; round < 6; round += 1) {
      await more(5);
      await rebuild({ pool: projection.pool });
    }
    switching.abort();
    await Promise.all(readers);
    expect(generations.size).toBeGreaterThan(3);
    expect(seen.length).toBeGreaterThan(20);
    expect(new Set(seen)).toEqual(new Set([expected]));
  });
});
