import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { digestOf, digests, READ_MODEL_TABLES, type Tables, tablesOfGeneration } from '#app/read-models';
import type { PoolClient } from 'pg';
import { DecisionStory } from '../support/decision-story.js';
import { IncidentStory, randomOf, startProjection, type TestProjection } from '../support/incident-story.js';
import { tellNearby } from '../support/nearby-story.js';
import { projectAll } from '../support/project-all.js';
import { VariedStory } from '../support/varied-story.js';

// Databases are made, and both cores may be busy with other specs.
jest.setTimeout(180_000);

/** Another value of the same type, whatever the value. */
const OTHER: Record<string, string> = {
  boolean: 'NOT coalesce(c, false)',
  integer: 'coalesce(c, 0) + 1',
  smallint: 'coalesce(c, 0) + 1',
  bigint: 'coalesce(c, 0) + 1',
  'double precision': 'coalesce(c, 0) + 1',
  real: 'coalesce(c, 0) + 1',
  text: "coalesce(c, '') || 'x'",
  date: "CASE WHEN isfinite(c) THEN c + 1 ELSE '2018-10-01' END",
  uuid: 'gen_random_uuid()',
  'timestamp with time zone': "coalesce(c, now()) + interval '1 second'",
  jsonb: `'{"another": true}'`,
  bytea: "coalesce(c, '') || 'x'",
  'text[]': "coalesce(c, '{}') || '{x}'",
  'uuid[]': "coalesce(c, '{}') || gen_random_uuid()",
  'integer[]': "coalesce(c, '{}') || 1",
};

interface Column {
  table: keyof Tables;
  name: string;
  type: string;
}

describe('one value of the figures, changed by hand', () => {
  let projection: TestProjection;
  let columns: Column[];
  const tables = tablesOfGeneration(2);

  beforeAll(async () => {
    projection = await startProjection();
    const story = new DecisionStory(new IncidentStory(projection.log), randomOf(11));
    await projection.log.append(story.events(250));
    // They lie near each other: pairs of them may be one.
    await projection.log.append(tellNearby(new VariedStory(projection.log, randomOf(5)), 60));
    await projectAll(projection.pool);
    const { rows } = await projection.log.owner.query<{ table: string; name: string; type: string }>(
      `SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'read_model'::regnamespace AND c.relkind = 'r' AND c.relname LIKE '%\\_2'
          AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        ORDER BY c.relname, a.attnum`,
    );
    columns = rows.map(({ table, ...rest }) => ({ table: table.replace(/_2$/, '') as keyof Tables, ...rest }));
  });
  afterAll(() => projection.close());

  /** Of what is kept beside the tables too. */
  const digestsOfAll = async (tx: PoolClient): Promise<Record<string, string>> => ({
    ...(await digests(tx, tables)),
    pair: await digestOf(tx, 'pair', { tables, range: {} }),
  });

  /** Gives one row another value there. @returns whether the database took it */
  async function change(tx: PoolClient, { table, name }: Column, other: string): Promise<boolean> {
    try {
      await tx.query('SAVEPOINT unchanged');
      const { rowCount } = await tx.query(
        `UPDATE ${tables[table]} SET ${name} = ${other} WHERE ctid = (SELECT ctid FROM ${tables[table]} ORDER BY ctid LIMIT 1)`,
      );
      expect([table, rowCount]).toEqual([table, 1]);
      return true;
    } catch (error) {
      // A constraint: it is a closed list, or a key.
      if ((error as { code?: string }).code?.startsWith('23') !== true) throw error;
      await tx.query('ROLLBACK TO unchanged');
      return false;
    }
  }

  /** In which tables a change is found, which is taken back then. */
  async function foundOf(tx: PoolClient, column: Column): Promise<string[]> {
    const { table, name, type } = column;
    const other = OTHER[type]?.replaceAll(/\bc\b/g, name);
    if (other === undefined) throw new Error(`no other value of type ${type} is known for ${table}.${name}`);
    const listed = `(SELECT o.${name} FROM ${tables[table]} o WHERE o.${name} <> ${tables[table]}.${name} LIMIT 1)`;
    await tx.query('SAVEPOINT whole');
    try {
      const before = await digestsOfAll(tx);
      const unused = `(SELECT max(${name}) + 1 FROM ${tables[table]})`;
      const others = type === 'integer' ? [other, listed, unused] : [other, listed];
      let isChanged = false;
      for (const value of others) isChanged ||= await change(tx, column, value);
      expect([table, name, isChanged]).toEqual([table, name, true]);
      const after = await digestsOfAll(tx);
      return Object.keys(after).filter((digested) => after[digested] !== before[digested]);
    } finally {
      await tx.query('ROLLBACK TO whole');
    }
  }

  it('is found in every table', () => {
    expect([...new Set(columns.map(({ table }) => table))].toSorted()).toEqual(
      [...READ_MODEL_TABLES, 'code', 'pair'].toSorted(),
    );
  });

  it('is found in every column', async () => {
    const tx = await projection.log.owner.connect();
    const missed: string[] = [];
    try {
      await tx.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      for (const column of columns) {
        const found = await foundOf(tx, column);
        // A word is part of the rows that have its number.
        const shownIn = column.table === 'code' ? ['posting', 'balance'] : [column.table];
        if (!shownIn.some((table) => found.includes(table))) missed.push(`${column.table}.${column.name}`);
      }
    } finally {
      await tx.query('ROLLBACK');
      tx.release();
    }
    expect(columns.length).toBeGreaterThan(100);
    expect(missed).toEqual([]);
  });
});
