import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LiveProjection, rebuild, UnfoldableEventError } from '#app/read-models';
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

async function counts(): Promise<Record<string, number>> {
  const { rows } = await projection.log.owner.query<{ events: number; projected: number; incidents: number }>(
    `SELECT (SELECT next_position FROM ledger.head) AS events,
            (SELECT position + 1 FROM read_model.generation WHERE status = 'LIVE') AS projected,
            (SELECT count(*) FROM read_model.posting) AS postings`,
  );
  return rows[0] as unknown as Record<string, number>;
}

describe('each event is projected once', () => {
  it('when a projector that is behind holds events that were projected meanwhile', async () => {
    await append(1, 100);
    const late = new LiveProjection(projection.pool);
    await late.step();
    await append(2, 50);
    await projectAll(projection.pool);
    const before = { ...(await counts()), ...(await digestsOf(projection.pool)) };

    expect((await late.step()).kind).toBe('LOST');
    expect((await late.step()).kind).toBe('IDLE');
    expect({ ...(await counts()), ...(await digestsOf(projection.pool)) }).toEqual(before);
  });

  it('when nothing new was recorded', async () => {
    await append(3, 100);
    expect((await projectAll(projection.pool)).postings).toBeGreaterThan(0);
    const before = await digestsOf(projection.pool);
    expect((await projectAll(projection.pool)).postings).toBe(0);
    expect(await digestsOf(projection.pool)).toEqual(before);
  });

  it('when two projectors run side by side while events arrive', async () => {
    const written = new AbortController();
    const run = async (): Promise<number> => {
      const live = new LiveProjection(projection.pool);
      let projected = 0;
      for (;;) {
        const step = await live.step();
        if (step.kind === 'PROJECTED') projected += step.events;
        if (step.kind === 'IDLE' && written.signal.aborted) return projected;
      }
    };
    const projectors = [run(), run()];
    for (let batch = 0; batch < 40; batch += 1) await append(100 + batch, 20);
    written.abort();
    const [first, second] = await Promise.all(projectors);
    const { events, projected } = await counts();
    expect(projected).toBe(events);
    expect((first ?? 0) + (second ?? 0)).toBe(events);
    // The rebuild folds the same log alone: it would tell what was applied twice or skipped.
    expect((await rebuild({ pool: projection.pool })).differing).toEqual([]);
  });

  it('when the transaction fails after everything was written', async () => {
    await append(5, 60);
    // Fires at COMMIT: a lost connection and a full disk look the same to the projector.
    await projection.log.owner.query(`
      CREATE FUNCTION read_model.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused' USING ERRCODE = '53100'; END $$;
      CREATE CONSTRAINT TRIGGER fails AFTER UPDATE ON read_model.generation DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION read_model.fail()`);
    const live = new LiveProjection(projection.pool);
    await expect(live.step()).rejects.toThrow('refused');
    expect(await counts()).toMatchObject({ projected: 0, postings: 0 });
    await projection.log.owner.query('DROP TRIGGER fails ON read_model.generation');
    while ((await live.step()).kind !== 'IDLE');
    const projected = await digestsOf(projection.pool);
    expect((await rebuild({ pool: projection.pool })).differing).toEqual([]);
    expect(await digestsOf(projection.pool)).toEqual(projected);
  });
});

describe('an event that cannot be folded', () => {
  it('stops the projection before it, names its position, and is never left out', async () => {
    await append(6, 10);
    const position = await projection.log.append([story.unfoldable(77)]);
    await append(7, 10);
    const failure = await projectAll(projection.pool).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnfoldableEventError);
    expect((failure as UnfoldableEventError).position).toBe(position);
    await expect(projectAll(projection.pool)).rejects.toBeInstanceOf(UnfoldableEventError);
    expect((await counts())['projected']).toBeLessThanOrEqual(position);
  });
});
