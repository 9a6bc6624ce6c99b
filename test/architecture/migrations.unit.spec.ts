import { describe, expect, it } from '@jest/globals';
import { migrationFiles, parseMigration } from '#app/runtime';
import { breachesOf } from '../../infra/postgres/migration-rules.js';

/** Earlier ones were made while nothing ran. */
const FIRST_UNDER_THE_RULE = '0016';

const expand = (sql: string): string[] =>
  breachesOf(parseMigration('9999_x', `-- breaking: no, because it only adds\n${sql}`));
const contract = (sql: string): string[] =>
  breachesOf(parseMigration('9999_x', `-- breaking: yes, because nobody reads it\n${sql}`));

describe('a migration', () => {
  it.each(
    migrationFiles()
      .filter(({ name }) => name >= FIRST_UNDER_THE_RULE)
      .map((file) => [file.name, file] as const),
  )('%s can be applied while the version before is at work', (_name, file) => expect(breachesOf(file)).toEqual([]));

  it('has a number of its own, and says whether it is breaking', () => {
    const numbers = migrationFiles().map(({ name }) => name.slice(0, 4));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(() => parseMigration('9999_x', 'CREATE TABLE a (b int);')).toThrow('first line');
  });

  it.each([
    ['DROP TABLE ledger.old;', 'drops'],
    ['ALTER TABLE ledger.event DROP COLUMN revision;', 'drops'],
    ['ALTER TABLE ledger.event RENAME COLUMN a TO b;', 'renames'],
    ['ALTER TABLE ledger.event ALTER COLUMN revision TYPE text;', 'type'],
    ['ALTER TABLE ledger.event ALTER revision SET DATA TYPE text;', 'type'],
    ['ALTER TABLE ledger.event ALTER COLUMN revision SET NOT NULL;', 'null'],
    ['ALTER TABLE ledger.event ADD COLUMN x int NOT NULL;', 'no default'],
    ['ALTER TABLE ledger.event ADD COLUMN x uuid DEFAULT gen_random_uuid();', 'written anew'],
    ['ALTER TABLE ledger.event ADD CONSTRAINT c CHECK (x > 0);', 'NOT VALID'],
    ['ALTER TABLE ledger.event ADD CONSTRAINT c UNIQUE (x);', 'USING INDEX'],
    ['CREATE INDEX i ON ledger.event (x);', 'CONCURRENTLY'],
    ['CREATE INDEX CONCURRENTLY i ON ledger.delivery (x);', 'transaction: none'],
    ['-- transaction: none\nCREATE INDEX CONCURRENTLY i ON ledger.delivery (x);', 'invalid'],
    ['-- transaction: none\nDROP INDEX CONCURRENTLY IF EXISTS ledger.i;\nCREATE TABLE t (x int);', 'only CONCURRENTLY'],
    ['REVOKE SELECT ON ledger.event FROM ledger_relay;', 'right'],
    ['COMMIT;', 'transaction'],
    ['LOCK TABLE ledger.event;', 'locks'],
    ['TRUNCATE ledger.duplicate;', 'throws rows away'],
    ["DO $$ BEGIN EXECUTE 'DROP TABLE ledger.old'; END $$;", 'drops'],
  ])('%s is found', (sql, breach) => expect(expand(sql).join('\n')).toContain(breach));

  it.each([
    'CREATE TABLE ledger.new (x int NOT NULL CHECK (x > 0), UNIQUE (x));\nCREATE INDEX i ON ledger.new (x);\nALTER TABLE ledger.new ADD CONSTRAINT c CHECK (x < 9);',
    'ALTER TABLE ledger.event ADD COLUMN x int, ADD COLUMN y int NOT NULL DEFAULT 0;',
    'ALTER TABLE ledger.event ADD CONSTRAINT c CHECK (x > 0) NOT VALID;',
    'ALTER TABLE ledger.event VALIDATE CONSTRAINT c;',
    'REVOKE ALL ON FUNCTION ledger.f() FROM PUBLIC;',
    '-- DROP TABLE in a comment\nCREATE OR REPLACE FUNCTION ledger.f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE x; END $$;',
    '-- transaction: none\nDROP INDEX CONCURRENTLY IF EXISTS ledger.i;\nCREATE INDEX CONCURRENTLY i ON ledger.delivery (position);',
    'CREATE TRIGGER no_truncate BEFORE TRUNCATE ON notary.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();',
  ])('%s is allowed', (sql) => expect(expand(sql)).toEqual([]));

  it('may contract when it says so, and still takes no long lock', () => {
    expect(contract('ALTER TABLE ledger.event DROP COLUMN x;')).toEqual([]);
    expect(contract('CREATE INDEX i ON ledger.event (x);')).not.toEqual([]);
  });
});
