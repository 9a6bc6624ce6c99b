import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DATED_TO_YEAR, PROJECTION_VERSION } from '#app/domain';
import { rebuild } from '#app/read-models';
import { repositoryRoot } from '#app/runtime';
import { DecisionStory } from '../support/decision-story.js';
import { IncidentStory, randomOf, startProjection, type TestProjection } from '../support/incident-story.js';
import { OfficialStory } from '../support/official-story.js';
import { digestsOf, projectAll } from '../support/project-all.js';
import { type Json, startQueryApi, type TestQueryApi } from '../support/query-api.js';
import { UNAMI_SOURCE, unamiFigure } from '../support/unami.js';

jest.setTimeout(120_000);

const migration = (name: string): string =>
  readFileSync(path.join(repositoryRoot(), 'infra', 'postgres', 'migrations', name), 'utf8');

/** Puts postings and balances back as they were before migration 0012: words in every row, and nothing else beside them. */
const IN_WORDS = `
  SET ROLE ledger_projector;
  CREATE TABLE read_model.words_of_posting AS SELECT * FROM read_model.posting ORDER BY position;
  CREATE TABLE read_model.words_of_balance AS SELECT * FROM read_model.balance;
  DROP VIEW read_model.posting, read_model.balance;
  DROP TABLE read_model.posting_2, read_model.balance_2, read_model.code_2, read_model.pair_2;
  DROP FUNCTION read_model.create_figure_tables;
  ALTER TABLE read_model.words_of_posting RENAME TO posting_2;
  ALTER TABLE read_model.words_of_balance RENAME TO balance_2;
  ALTER TABLE read_model.balance_2 ADD CONSTRAINT balance_2_pkey
    PRIMARY KEY (boundary, country, month, admin1, publisher, incident_type, verification, measure, part);
  CREATE INDEX posting_2_by_part ON read_model.posting_2 (boundary, country, month, admin1, position) WHERE part <> 'TOTAL';
  CREATE VIEW read_model.posting AS SELECT * FROM read_model.posting_2;
  CREATE VIEW read_model.balance AS SELECT * FROM read_model.balance_2;
  RESET ROLE;`;

describe('a ledger of before postings had numbers for words', () => {
  let projection: TestProjection;
  let story: DecisionStory;
  beforeAll(async () => {
    projection = await startProjection();
    story = new DecisionStory(new IncidentStory(projection.log), randomOf(3));
  });
  afterAll(() => projection.close());

  it('has the same figures after the upgrade, goes on with them, and rebuilds to the same', async () => {
    await projection.log.append(story.events(400));
    const { position } = await projectAll(projection.pool);
    const before = await digestsOf(projection.pool);
    await projection.log.owner.query(IN_WORDS);

    await projection.log.owner.query(`BEGIN; ${migration('0012_code_postings.sql')} COMMIT;`);
    expect(await digestsOf(projection.pool)).toEqual(before);

    await projection.log.append(story.events(200));
    await projectAll(projection.pool);
    expect(await digestsOf(projection.pool, { upTo: position })).toEqual(before);
    expect(await rebuild({ pool: projection.pool })).toMatchObject({ differing: [] });
  });
});

describe('figures of projection 4', () => {
  let api: TestQueryApi;
  beforeAll(async () => {
    api = await startQueryApi();
  });
  afterAll(() => api?.close());

  it('tell by month what is dated only to a year, until a rebuild has posted it, and while it is posted of new events only', async () => {
    const { log, pool } = api.projection;
    const story = new IncidentStory(log);
    const incidents = [1, 2, 3] as const;
    const redated = (incident: number, precision: 'DAY' | 'YEAR') => {
      const [id, end] = [story.id(incident), precision === 'DAY' ? '2018-01-01' : '2018-12-31'];
      return story.decision(
        'IncidentRedated',
        { incident: id, occurred: { start: '2018-01-01', end, precision } },
        { on: [id] },
      );
    };
    await api.record([
      ...incidents.map((incident) => story.report({ incident, reportId: `${incident}` })),
      redated(1, 'YEAR'),
      redated(2, 'YEAR'),
    ]);
    // As the release before left it.
    await pool.query(
      `DELETE FROM read_model.posting_2 USING read_model.code_2 WHERE figure = code AND first = '${DATED_TO_YEAR}'`,
    );
    await pool.query(
      `DELETE FROM read_model.balance_2 USING read_model.code_2 WHERE figure = code AND first = '${DATED_TO_YEAR}'`,
    );
    await pool.query('UPDATE read_model.generation SET projection = 4');
    const shown = async (query: string): Promise<unknown[]> => {
      const { data, asOf } = await api.json(`/v1/casualties?groupBy=month${query}`);
      return [
        asOf.projection,
        ...data.map((group: Json) => [group.group.period.key, group.incidents, group.datedOnlyTo.year]),
      ];
    };
    const january = (all: number, year: number): unknown[] => [
      ['2018-01', all, year],
      ['2018-11', 1, 0],
    ];
    expect(await shown('')).toEqual([4, ...january(2, 2)]);
    const head = await api.record([redated(1, 'DAY'), redated(3, 'YEAR')]);
    expect(await shown('')).toEqual([4, ['2018-01', 3, 2]]);
    expect(await shown(`&asOf=${head - 1}`)).toEqual([4, ...january(2, 1)]);
    expect(await shown('&publishedUntil=2018-11-30')).toEqual([4, ['2018-01', 3, 2]]);

    expect(await rebuild({ pool })).toMatchObject({ comparedAt: null, differing: [] });
    expect(await shown('')).toEqual([PROJECTION_VERSION, ['2018-01', 3, 2]]);
    expect(await shown(`&asOf=${head - 1}`)).toEqual([PROJECTION_VERSION, ...january(2, 1)]);
    expect(await shown(`&asOf=${head - 2}`)).toEqual([PROJECTION_VERSION, ...january(2, 2)]);
  });
});

describe('figures of projection 3', () => {
  let api: TestQueryApi;
  beforeAll(async () => {
    api = await startQueryApi();
  });
  afterAll(() => api?.close());

  it('answer as before and say so, until a rebuild has given publications that came late their rows', async () => {
    const { log, pool } = api.projection;
    const unami = new OfficialStory(log, UNAMI_SOURCE);
    const october = (count: number, publishedAt: string) =>
      unami.aggregate(unamiFigure('2018-10', 'KILLED', count, { publishedAt }));
    await api.record([october(71, '2018-12-01T00:00:00Z'), october(69, '2018-11-02T00:00:00Z')]);
    // As the release before left it.
    await pool.query('DELETE FROM read_model.record_2 WHERE from_position = to_position');
    await pool.query('UPDATE read_model.generation SET projection = 3');
    const killed = async (query: string): Promise<unknown[]> => {
      const { data, asOf } = await api.json(`/v1/aggregates${query}`);
      return [asOf.projection, data.map(({ value }: Json) => value.lo)];
    };
    expect(await killed('')).toEqual([3, [71]]);
    expect(await killed('?publishedUntil=2018-11-30')).toEqual([3, []]);
    expect(await rebuild({ pool })).toMatchObject({ comparedAt: null, differing: [] });
    expect(await killed('')).toEqual([PROJECTION_VERSION, [71]]);
    expect(await killed('?publishedUntil=2018-11-30')).toEqual([PROJECTION_VERSION, [69]]);
  });
});
