import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { countRows, packageFolder, settingsOf, versionOf } from './installed.js';
import type { Peer } from './peer.js';

const PACKAGE = '@eventide/message-db';
const CATEGORY = 'incident';
const PAGE = 1000;
const POLL_MS = 20;
const SEPARATOR = '\u001e';

/** What its install.sh runs, in that order, less the extension that PostgreSQL 13 made superfluous and less roles and views. */
const FILES = [
  'schema/message-store',
  'tables/messages',
  'types/message',
  ...['message-store-version', 'hash-64', 'acquire-lock', 'category', 'is-category', 'id', 'cardinal-id'].map(
    inFunctions,
  ),
  ...['stream-version', 'write-message', 'get-stream-messages', 'get-category-messages'].map(inFunctions),
  inFunctions('get-last-stream-message'),
  ...['messages-id', 'messages-stream', 'messages-category'].map((name) => `indexes/${name}`),
];

function inFunctions(name: string): string {
  return `functions/${name}`;
}

/** Message DB: functions in PostgreSQL. Several calls can share a statement; a lock holds one writer a category. */
export const MESSAGE_DB: Peer = {
  name: 'Message DB',
  version: versionOf(PACKAGE),
  spansStreams: true,
  settings: settingsOf([1, 4, 16, 64], [1, 100]),
  prepare: async (url) => {
    const client = new pg.Client({ connectionString: url, options: SEARCH_PATH });
    await client.connect();
    for (const file of FILES) {
      // psql ends a transaction at every file; so does a query without parameters.
      await client.query(
        `SET check_function_bodies = off;\n${readFileSync(path.join(packageFolder(PACKAGE), 'database', `${file}.sql`), 'utf8')}`,
      );
    }
    await client.end();
  },
  writer: async (url, { concurrency }) => {
    const pool = new pg.Pool({ connectionString: url, max: concurrency, options: SEARCH_PATH });
    return {
      append: async (events) => {
        const joined = (values: readonly string[]): string => values.join(SEPARATOR);
        await pool.query({
          name: 'write',
          text: `SELECT count(write_message(m.id, m.stream, 'ReportRecorded', m.data::jsonb))
                   FROM unnest(string_to_array($1, chr(30)), string_to_array($2, chr(30)), string_to_array($3, chr(30))) AS m (id, stream, data)`,
          values: [
            joined(events.map(() => randomUUID())),
            joined(events.map(({ stream }) => `${CATEGORY}-${stream}`)),
            joined(events.map(({ data }) => JSON.stringify(data))),
          ],
        });
      },
      close: () => pool.end(),
    };
  },
  follow: async (url, seen) => {
    const client = new pg.Client({ connectionString: url, options: SEARCH_PATH });
    await client.connect();
    const stopping = new AbortController();
    let position = 1;
    const run = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        const { rows } = await client.query<{ global_position: string; data: string }>(
          'SELECT global_position, data FROM get_category_messages($1, $2, $3)',
          [CATEGORY, position, PAGE],
        );
        for (const { data } of rows) seen((JSON.parse(data) as { reportId: string }).reportId);
        position = Number(rows.at(-1)?.global_position ?? position - 1) + 1;
        if (rows.length < PAGE) await sleep(POLL_MS);
      }
    };
    const running = run();
    return async () => {
      stopping.abort();
      await running;
      await client.end();
    };
  },
  stored: (url) => countRows(url, { table: 'message_store.messages', idOf: "data ->> 'reportId'" }),
};

const SEARCH_PATH = '-c search_path=message_store,public';
