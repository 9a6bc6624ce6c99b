import { getPostgreSQLEventStore, postgreSQLEventStoreConsumer } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import { countRows, settingsOf, versionOf } from './installed.js';
import type { Peer } from './peer.js';

interface Reported {
  type: 'ReportRecorded';
  data: Record<string, unknown>;
}

/** Emmett: one stream an append; its consumer follows all of them by a global position. */
export const EMMETT: Peer = {
  name: 'Emmett',
  version: versionOf('@event-driven-io/emmett-postgresql'),
  spansStreams: false,
  settings: settingsOf([1, 4, 16, 64], [1, 2]),
  prepare: async (url) => {
    const store = getPostgreSQLEventStore(url);
    await store.schema.migrate();
    await store.close();
  },
  writer: async (url, { concurrency }) => {
    const pool = new pg.Pool({ connectionString: url, max: concurrency });
    const store = getPostgreSQLEventStore(url, {
      schema: { autoMigration: 'None' },
      connectionOptions: { pooled: true, pool },
    });
    return {
      append: async (events) => {
        const stream = events[0]?.stream ?? '';
        await store.appendToStream<Reported>(
          stream,
          events.map(({ data }) => ({ type: 'ReportRecorded', data })),
        );
      },
      close: async () => {
        await store.close();
        await pool.end();
      },
    };
  },
  follow: async (url, seen) => {
    const consumer = postgreSQLEventStoreConsumer({ connectionString: url });
    consumer.reactor<Reported>({
      processorId: 'bench',
      eachMessage: ({ data }) => seen(String(data['reportId'])),
    });
    const running = consumer.start();
    return async () => {
      await consumer.close();
      await running;
    };
  },
  stored: (url) => countRows(url, { table: 'emt_messages', idOf: "message_data ->> 'reportId'" }),
};
