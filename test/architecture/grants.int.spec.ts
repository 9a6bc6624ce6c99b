import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { type TestDatabase, freshDatabase } from '../support/database.js';

// Databases are made, and both cores may be busy with other specs.
jest.setTimeout(60_000);

const LEDGER_TABLES = [
  'delivery',
  'duplicate',
  'event',
  'event_stream',
  'head',
  'kafka_cursor',
  'rejection',
  'rejection_resolution',
  'report_home',
  'sealed',
];

/** The right-hand column of the table in architecture §1, for the tables that no app creates itself. */
const EXPECTED: Record<string, Record<string, string>> = {
  ledger_ingest: {
    ...Object.fromEntries(LEDGER_TABLES.map((table) => [`ledger.${table}`, 'INSERT,SELECT'])),
    'ledger.head': 'INSERT,SELECT,UPDATE(next_position,recorded_at)',
    'ledger.kafka_cursor': 'INSERT,SELECT,UPDATE(consumer_group,leader_epoch,next_offset,topic_id,updated_at)',
    'vault.key': 'DELETE,INSERT,SELECT',
    'vault.secret': 'INSERT,SELECT',
  },
  ledger_projector: Object.fromEntries(LEDGER_TABLES.map((table) => [`ledger.${table}`, 'SELECT'])),
  ledger_relay: Object.fromEntries(LEDGER_TABLES.map((table) => [`ledger.${table}`, 'SELECT'])),
  ledger_notary: Object.fromEntries(LEDGER_TABLES.map((table) => [`ledger.${table}`, 'SELECT'])),
  ledger_gazetteer: {},
  ledger_audit: Object.fromEntries(LEDGER_TABLES.map((table) => [`ledger.${table}`, 'SELECT'])),
  // `ledger backup`: reads all that cannot be derived; for the vault it takes the rights of ledger_keys.
  ledger_backup: Object.fromEntries(LEDGER_TABLES.map((table) => [`ledger.${table}`, 'SELECT'])),
  // `ledger keys`: wraps again what is wrapped, and reads no event and no box.
  ledger_keys: { 'vault.key': 'SELECT,UPDATE(wrapped)', 'vault.secret': 'SELECT,UPDATE(wrapped)' },
  ledger_query: { 'ledger.sealed': 'SELECT', 'vault.key': 'SELECT', 'vault.secret': 'SELECT' },
};

describe('the rights of each role', () => {
  let database: TestDatabase;
  let db: pg.Client;
  beforeAll(async () => {
    database = await freshDatabase();
    db = new pg.Client({ connectionString: database.url });
    await db.connect();
  });
  afterAll(async () => {
    await db.end();
    await database.drop();
  });

  /** What a role may do, table by table, whichever way it got the right. */
  async function rightsOf(role: string, schemas: string[]): Promise<Record<string, string>> {
    const { rows } = await db.query<{ name: string; rights: string[]; columns: string[] }>(
      `SELECT n.nspname || '.' || c.relname AS name,
              array(SELECT p FROM unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES','TRIGGER']) p
                     WHERE has_table_privilege($1, c.oid, p) ORDER BY p) AS rights,
              array(SELECT a.attname::text FROM pg_attribute a
                     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                       AND has_column_privilege($1, c.oid, a.attnum, 'UPDATE') ORDER BY 1) AS columns
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY($2) AND c.relkind IN ('r', 'p', 'v', 'm')
        ORDER BY 1`,
      [role, schemas],
    );
    return Object.fromEntries(
      rows
        .map(({ name, rights, columns }) => {
          const some = columns.length > 0 && !rights.includes('UPDATE') ? [`UPDATE(${columns.join(',')})`] : [];
          return [name, [...rights, ...some].join(',')];
        })
        .filter(([, rights]) => rights !== ''),
    );
  }

  it.each(Object.keys(EXPECTED))('%s: in the log and the vault exactly what the architecture grants', async (role) => {
    expect(await rightsOf(role, ['ledger', 'vault'])).toEqual(EXPECTED[role]);
  });

  it('the projector owns the read model, the query and audit roles read it, ingest does not', async () => {
    const all = await rightsOf('ledger_projector', ['read_model']);
    expect(Object.keys(all)).toContainEqual(expect.stringMatching(/^read_model\.posting_\d+$/));
    for (const rights of Object.values(all)) expect(rights).toContain('DELETE,INSERT');
    for (const role of ['ledger_query', 'ledger_audit']) {
      const rights = await rightsOf(role, ['read_model']);
      expect(Object.keys(rights)).toEqual(Object.keys(all));
      expect(new Set(Object.values(rights))).toEqual(new Set(['SELECT']));
    }
    expect(await rightsOf('ledger_ingest', ['read_model', 'scratch'])).toEqual({});
  });

  it.each([
    ['ledger_ingest', ['gazetteer', 'ledger', 'vault']],
    ['ledger_projector', ['ledger', 'read_model']],
    ['ledger_query', ['citation', 'gazetteer', 'ledger', 'notary', 'read_model', 'vault']],
    ['ledger_gazetteer', ['gazetteer']],
    ['ledger_keys', ['vault']],
    ['ledger_backup', ['citation', 'gazetteer', 'ledger', 'notary', 'relay']],
    ['ledger_relay', ['ledger', 'relay']],
    ['ledger_notary', ['ledger', 'notary']],
    ['ledger_audit', ['ledger', 'notary', 'read_model', 'scratch']],
  ])('%s enters the schemas %j and no other', async (role, expected) => {
    const { rows } = await db.query<{ name: string }>(
      `SELECT nspname AS name FROM pg_namespace
        WHERE nspname IN ('ledger', 'vault', 'read_model', 'scratch', 'relay', 'gazetteer', 'notary', 'citation') AND has_schema_privilege($1, oid, 'USAGE') ORDER BY 1`,
      [role],
    );
    expect(rows.map(({ name }) => name)).toEqual(expected);
  });

  it('no app may make tables but in its own schema, log in, or become the owner', async () => {
    const { rows } = await db.query<{ role: string; creates: string[]; login: boolean; owner: boolean }>(
      `SELECT r.rolname AS role, r.rolcanlogin OR r.rolsuper AS login,
              pg_has_role(r.oid, 'ledger_owner', 'MEMBER') AS owner,
              array(SELECT nspname::text FROM pg_namespace
                     WHERE nspname IN ('ledger', 'vault', 'read_model', 'scratch', 'relay', 'gazetteer', 'notary', 'citation', 'public')
                       AND has_schema_privilege(r.oid, oid, 'CREATE') ORDER BY 1) AS creates
         FROM pg_roles r WHERE r.rolname = ANY($1) ORDER BY 1`,
      [Object.keys(EXPECTED)],
    );
    expect(rows).toEqual([
      { role: 'ledger_audit', creates: ['scratch'], login: false, owner: false },
      { role: 'ledger_backup', creates: [], login: false, owner: false },
      { role: 'ledger_gazetteer', creates: [], login: false, owner: false },
      { role: 'ledger_ingest', creates: [], login: false, owner: false },
      { role: 'ledger_keys', creates: [], login: false, owner: false },
      { role: 'ledger_notary', creates: [], login: false, owner: false },
      { role: 'ledger_projector', creates: ['read_model'], login: false, owner: false },
      { role: 'ledger_query', creates: [], login: false, owner: false },
      { role: 'ledger_relay', creates: ['relay'], login: false, owner: false },
    ]);
  });

  it('the gazetteer only grows: the command line adds versions, ingest and query-api read them', async () => {
    const tables = ['area', 'boundary_set', 'shape'].map((table) => `gazetteer.${table}`);
    const all = (rights: string, of = tables) => Object.fromEntries(of.map((table) => [table, rights]));
    expect(await rightsOf('ledger_gazetteer', ['gazetteer'])).toEqual(all('INSERT,SELECT'));
    expect(await rightsOf('ledger_ingest', ['gazetteer'])).toEqual(all('SELECT'));
    expect(await rightsOf('ledger_query', ['gazetteer'])).toEqual(
      all('SELECT', ['gazetteer.area', 'gazetteer.boundary_set']),
    );
    for (const role of ['ledger_projector', 'ledger_audit']) expect(await rightsOf(role, ['gazetteer'])).toEqual({});
  });

  it('what was signed stays: the notary adds checkpoints and cosignatures, the others read', async () => {
    expect(await rightsOf('ledger_notary', ['notary'])).toEqual({
      'notary.checkpoint': 'INSERT,SELECT,UPDATE(note,published_at)',
      'notary.identity': 'INSERT,SELECT,UPDATE',
    });
    const readable = { 'notary.checkpoint': 'SELECT', 'notary.identity': 'SELECT' };
    for (const role of ['ledger_query', 'ledger_audit']) expect(await rightsOf(role, ['notary'])).toEqual(readable);
    for (const role of ['ledger_ingest', 'ledger_projector', 'ledger_relay']) {
      expect(await rightsOf(role, ['notary'])).toEqual({});
    }
  });

  it('citations only grow: query-api adds and reads them, and writes nothing else', async () => {
    const rights: Record<string, string> = { ledger_query: 'INSERT,SELECT', ledger_backup: 'SELECT' };
    for (const role of Object.keys(EXPECTED)) {
      const expected = rights[role] === undefined ? {} : { 'citation.citation': rights[role] };
      expect([role, await rightsOf(role, ['citation'])]).toEqual([role, expected]);
    }
    const everywhere = ['ledger', 'vault', 'read_model', 'scratch', 'relay', 'gazetteer', 'notary'];
    expect(new Set(Object.values(await rightsOf('ledger_query', everywhere)))).toEqual(new Set(['SELECT']));
  });

  it('a backup reads every table that cannot be derived, and not the vault', async () => {
    const { rows } = await db.query<{ name: string }>(
      `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public', 'vault', 'read_model', 'scratch')`,
    );
    const schemas = [...new Set(rows.map(({ name }) => name.split('.')[0] ?? ''))];
    const readable = await rightsOf('ledger_backup', [...schemas, 'vault', 'read_model', 'scratch']);
    expect(readable).toEqual(Object.fromEntries(rows.map(({ name }) => [name, 'SELECT'])));
  });

  it('only ingest may make a partition', async () => {
    const { rows } = await db.query<{ role: string; may: boolean }>(
      `SELECT r AS role, has_function_privilege(r, 'ledger.ensure_event_partition(bigint)', 'EXECUTE') AS may
         FROM unnest($1::text[]) r ORDER BY 1`,
      [Object.keys(EXPECTED)],
    );
    expect(rows.filter(({ may }) => may).map(({ role }) => role)).toEqual(['ledger_ingest']);
  });
});
