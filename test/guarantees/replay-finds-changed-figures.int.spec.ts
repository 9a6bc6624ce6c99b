import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { digestSnapshot, isSame, type ReadModelTable, replay, type ReplayOutcome } from '#app/read-models';
import { createPool } from '#app/runtime';
import type pg from 'pg';
import {
  IncidentStory,
  randomEvents,
  randomOf,
  startProjection,
  type TestProjection,
} from '../support/incident-story.js';
import { projectAll } from '../support/project-all.js';

/** What an owner of the database can do to the figures, by hand, in SQL. */

jest.setTimeout(180_000);

let projection: TestProjection;
let auditor: pg.Pool;
/** Positions: of a snapshot in the middle whose digests are recorded, and of the last event. */
let snapshot: number;
let head: number;
/** Of an event before the snapshot that changed a posting, a report and a version of an incident. */
let changed: number;

/** Of postings and balances, which have numbers for words. */
const KILLED = "figure IN (SELECT code FROM read_model.code_2 WHERE kind = 'FIGURE' AND first = 'KILLED')";

beforeAll(async () => {
  projection = await startProjection();
  auditor = createPool(projection.log.url, { role: 'ledger_audit', max: 4 });
  const story = new IncidentStory(projection.log);
  const random = randomOf(5);
  await projection.log.append(randomEvents(story, random, 300));
  snapshot = await projection.log.append([story.decision('SnapshotSealed', { name: 'october-2018', projection: 1 })]);
  await projection.log.append(randomEvents(story, random, 300));
  await projectAll(projection.pool);
  const digested = await digestSnapshot(projection.pool, { upTo: snapshot });
  if (digested.kind !== 'DIGESTED') throw new Error(digested.kind);
  const digests = { algorithm: 'rows-sha256-v1', tables: digested.tables };
  const data = { name: 'october-2018', projection: digested.projection, position: snapshot, digests };
  await projection.log.append([story.decision('SnapshotSealed', data)]);
  head = (await projectAll(projection.pool)).position;
  const { rows } = await projection.pool.query<{ position: number }>(
    `
    SELECT p.position FROM read_model.posting_2 p
      JOIN read_model.report_2 r ON r.from_position = p.position
      JOIN read_model.incident_version_2 v ON v.from_position = p.position
     WHERE p.${KILLED} AND p.d_lo IS NOT NULL AND p.position < $1 ORDER BY 1 LIMIT 1`,
    [snapshot],
  );
  changed = rows[0]!.position;
});
afterAll(async () => {
  await auditor.end();
  await projection.close();
});

interface Found {
  asOfSnapshot: ReplayOutcome;
  asOfNow: ReplayOutcome;
}

/** What replays find after a change, which is taken back then. */
async function after(table: ReadModelTable | 'code', sql: string): Promise<Found> {
  const { owner } = projection.log;
  const name = `read_model.${table}_2`;
  await owner.query(`CREATE TABLE public.saved AS TABLE ${name}`);
  const { rowCount } = await owner.query(sql);
  try {
    expect(rowCount).toBe(1);
    return {
      asOfSnapshot: await replay({ pool: auditor, upTo: snapshot }),
      asOfNow: await replay({ pool: auditor, upTo: head }),
    };
  } finally {
    await owner.query(`DELETE FROM ${name}; INSERT INTO ${name} TABLE public.saved; DROP TABLE public.saved`);
  }
}

const one = (table: ReadModelTable, where: string): string =>
  `ctid = (SELECT ctid FROM read_model.${table}_2 WHERE ${where} LIMIT 1)`;

describe('a replay', () => {
  it('finds nothing in figures that nobody touched, as of now and as of a snapshot', async () => {
    for (const upTo of [snapshot, head]) {
      const outcome = await replay({ pool: auditor, upTo });
      expect([outcome.differing, outcome.differences, outcome.balances?.difference, isSame(outcome)]).toEqual([
        [],
        [],
        null,
        true,
      ]);
    }
  });

  it('finds a changed posting from its position on: the table, the incident, the column', async () => {
    const change = `UPDATE read_model.posting_2 SET d_lo = coalesce(d_lo, 0) + 1 WHERE`;
    const { asOfSnapshot, asOfNow } = await after(
      'posting',
      `${change} ${one('posting', `position = ${changed} AND ${KILLED} AND d_lo IS NOT NULL`)}`,
    );
    for (const outcome of [asOfSnapshot, asOfNow]) {
      expect(outcome.differing).toEqual(['posting', 'balance']);
      expect(outcome.differences[0]).toMatchObject({ table: 'posting', kind: 'CHANGED', columns: ['d_lo'] });
      expect(outcome.differences[0]?.row).toMatchObject({ position: changed, incident_id: expect.any(String) });
      expect(isSame(outcome)).toBe(false);
    }
    const later = await after(
      'posting',
      `${change} ${one('posting', `position > ${snapshot + 5} AND d_lo IS NOT NULL`)}`,
    );
    expect(later.asOfNow.differing).toEqual(['posting', 'balance']);
    // The figures of the snapshot are right; that those of now are not is told all the same.
    expect(later.asOfSnapshot.differing).toEqual([]);
    expect(later.asOfSnapshot.balances?.difference).toMatchObject({ table: 'balance', kind: 'CHANGED' });
    expect(isSame(later.asOfSnapshot)).toBe(false);
  });

  it('finds a changed balance, which no look at a past position reads', async () => {
    const where = one('balance', `${KILLED} AND lo > 0`);
    const { asOfSnapshot, asOfNow } = await after(
      'balance',
      `UPDATE read_model.balance_2 SET lo = lo + 1 WHERE ${where}`,
    );
    for (const outcome of [asOfSnapshot, asOfNow]) {
      expect(outcome.differing).toEqual([]);
      expect(outcome.balances).toMatchObject({
        position: head,
        difference: { table: 'balance', kind: 'CHANGED', columns: ['lo'], row: { measure: 'KILLED' } },
      });
      expect(isSame(outcome)).toBe(false);
    }
  });

  it('finds postings and balances that were changed to fit each other', async () => {
    await projection.log.owner.query('CREATE TABLE public.balances AS TABLE read_model.balance_2');
    const posting = `
      WITH chosen AS (
        SELECT ctid AS at, * FROM read_model.posting_2 WHERE position = ${changed} AND d_lo IS NOT NULL AND ${KILLED} LIMIT 1),
      fitted AS (
        UPDATE read_model.balance_2 b SET lo = b.lo + 1 FROM chosen c
         WHERE (b.region, b.publisher, b.class, b.figure) = (c.region, c.publisher, c.class, c.figure)
           AND b.month IN (c.month, '-infinity'))
      UPDATE read_model.posting_2 p SET d_lo = p.d_lo + 1 FROM chosen c WHERE p.ctid = c.at`;
    const { asOfSnapshot, asOfNow } = await after('posting', posting);
    await projection.log.owner.query(`
      DELETE FROM read_model.balance_2; INSERT INTO read_model.balance_2 TABLE public.balances; DROP TABLE public.balances`);
    for (const outcome of [asOfSnapshot, asOfNow]) {
      expect([outcome.balances?.difference, outcome.differing]).toEqual([null, ['posting', 'balance']]);
    }
  });

  it('finds another word for the number that postings and balances have', async () => {
    const { asOfSnapshot, asOfNow } = await after(
      'code',
      `UPDATE read_model.code_2 SET third = 'IQ-XX' WHERE code = (SELECT region FROM read_model.posting_2 WHERE position = ${changed} LIMIT 1)`,
    );
    for (const outcome of [asOfSnapshot, asOfNow]) {
      expect(outcome.differing).toEqual(['posting', 'balance']);
      expect(outcome.differences.map(({ table }) => table)).toEqual(['posting', 'balance']);
    }
  });

  it.each<{ what: string; table: ReadModelTable; change: string; kind: string; differing: string[] }>([
    {
      what: 'a deleted posting',
      table: 'posting',
      change: 'DELETE FROM read_model.posting_2 WHERE',
      kind: 'MISSING',
      differing: ['posting', 'balance'],
    },
    {
      what: 'an incident moved to another place',
      table: 'incident_version',
      change: "UPDATE read_model.incident_version_2 SET place_name = 'elsewhere' WHERE",
      kind: 'CHANGED',
      differing: ['incident_version'],
    },
    {
      what: 'a report put into other words',
      table: 'report',
      change: "UPDATE read_model.report_2 SET body = body || ' ' WHERE",
      kind: 'CHANGED',
      differing: ['report'],
    },
  ])('finds $what', async ({ table, change, kind, differing }) => {
    const position = table === 'posting' ? 'position' : 'from_position';
    const amount = table === 'posting' ? ' AND d_lo <> 0' : '';
    const { asOfSnapshot, asOfNow } = await after(
      table,
      `${change} ${one(table, `${position} = ${changed}${amount}`)}`,
    );
    for (const outcome of [asOfSnapshot, asOfNow]) {
      expect(outcome.differing).toEqual(differing);
      expect(outcome.differences[0]).toMatchObject({ table, kind, row: { [position]: changed } });
    }
  });

  it('finds a posting that was told twice', async () => {
    const { asOfNow } = await after(
      'posting',
      `INSERT INTO read_model.posting_2 SELECT * FROM read_model.posting_2 WHERE ${one('posting', `position = ${changed} AND ${KILLED} AND d_lo IS NOT NULL`)}`,
    );
    expect(asOfNow.differences[0]).toMatchObject({ table: 'posting', kind: 'ADDED', row: { position: changed } });
  });

  it('takes no extract on trust: a column of the log that is not what its leaf says changes nothing in what is folded', async () => {
    const { owner } = projection.log;
    await owner.query('ALTER TABLE ledger.event DISABLE TRIGGER append_only');
    const { rowCount } = await owner.query(
      "UPDATE ledger.event SET type = 'ReportWithdrawn', stream_id = event_id WHERE position = $1",
      [changed],
    );
    expect(rowCount).toBe(1);
    await owner.query('ALTER TABLE ledger.event ENABLE ALWAYS TRIGGER append_only');
    expect((await replay({ pool: auditor, upTo: head })).differing).toEqual([]);
  });
});
