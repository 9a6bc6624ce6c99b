import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { isTransient } from '#app/runtime';
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { freshDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { QueryApiConfig } from '../query-api.config.js';
import { readOptions, ReadDatabase } from './read-database.js';

let database: TestDatabase;
let source: DataSource;
beforeAll(async () => {
  database = await freshDatabase();
  const config = Object.assign(new QueryApiConfig(), { DATABASE_URL: database.url });
  source = await new DataSource(readOptions(config)).initialize();
});
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});

it('says what ended a connection between two statements, which passes by itself', async () => {
  const reads = new ReadDatabase(source);
  const late = reads.read(async (tx) => {
    await tx.query('SET LOCAL idle_in_transaction_session_timeout = 50');
    // As a process that works out an answer of 50,000 incidents on a full machine.
    await pause(300);
    await tx.query('SELECT 1');
  });
  const error: unknown = await late.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: '25P03' });
  expect(isTransient(error)).toBe(true);
  expect(await reads.read((tx) => tx.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
});
