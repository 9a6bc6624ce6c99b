import { PostgresEventStorageAdapter } from '@castore/event-storage-adapter-postgres';
import { countRows, settingsOf, versionOf } from './installed.js';
import type { Peer, PeerEvent } from './peer.js';

const STORE = 'INCIDENT';
/** The table that it makes unless told otherwise. */
const TABLE = 'event';
/** Connections of one adapter: it offers no way to say how many. */
const CONNECTIONS = 10;

/** Castore: events of several aggregates can be pushed as a group, in one transaction. On PostgreSQL nothing follows all of them. */
export const CASTORE: Peer = {
  name: 'Castore',
  version: versionOf('@castore/event-storage-adapter-postgres'),
  spansStreams: true,
  settings: settingsOf([1, 4, 16, 64], [1, 50]),
  prepare: async (url) => {
    await PostgresEventStorageAdapter.createEventTable({
      connectionString: url,
      tableName: TABLE,
      aggregateId: { type: 'VARCHAR', length: 64 },
    });
  },
  writer: async (url, { concurrency }) => {
    const adapters = Array.from(
      { length: Math.ceil(concurrency / CONNECTIONS) },
      () => new PostgresEventStorageAdapter({ connectionString: url, tableName: TABLE }),
    );
    let next = 0;
    return {
      append: async (events) => {
        const adapter = adapters[next++ % adapters.length] as PostgresEventStorageAdapter;
        const [first, ...rest] = events.map((event) => {
          const one = adapter.groupEvent(detailOf(event));
          one.context = { eventStoreId: STORE };
          return one;
        });
        if (first === undefined) return;
        if (rest.length === 0) await adapter.pushEvent(first.event, { eventStoreId: STORE });
        else await adapter.pushEventGroup({}, first, ...rest);
      },
      // An adapter keeps its connections: they end with the process.
      close: () => Promise.resolve(),
    };
  },
  follow: () => Promise.resolve(null),
  stored: (url) => countRows(url, { table: TABLE, idOf: "data ->> 'reportId'" }),
};

function detailOf({ stream, version, data }: PeerEvent) {
  const timestamp = new Date().toISOString();
  // Metadata must not be empty (2.4.2 writes null then, and the column refuses it).
  return {
    aggregateId: stream,
    version: version + 1,
    type: 'ReportRecorded',
    payload: data,
    metadata: { v: 1 },
    timestamp,
  };
}
