import type { Report } from '#app/domain';
import {
  appendEvents,
  contentDigest,
  createLog,
  DEFAULT_LOG_ID,
  EventPartitions,
  type Head,
  identityOf,
  incidentIdOf,
  loadSecrets,
  loadSubjectKeys,
  type LogSecrets,
  MasterKey,
  type PreparedEvent,
  prepareEvent,
  splitReport,
  subjectIdOf,
} from '#app/log';
import { createPool, withTransaction } from '#app/runtime';
import type pg from 'pg';
import { freshDatabase, type TestDatabase } from './database.js';

export const CE_SOURCE = 'https://mosul-eye.example';

/** A log of its own, written with the rights of ingest. */
export interface TestLog {
  /** As superuser: what the apps may not do. */
  owner: pg.Pool;
  /** As ingest. */
  pool: pg.Pool;
  url: string;
  head: Head;
  masterKey: MasterKey;
  secrets: LogSecrets;
  /** Appends prepared events in one transaction. @returns the first position */
  append: (events: readonly PreparedEvent[]) => Promise<number>;
  close: () => Promise<void>;
}

export interface TestLogOptions {
  partitionSize?: number;
  connections?: number;
  /** With a log in it or not; default: a fresh one. */
  database?: TestDatabase;
}

/** Content of the master key's file. */
export const TEST_MASTER_KEY: Buffer = Buffer.alloc(32, 7);

export async function startLog(options: TestLogOptions = {}): Promise<TestLog> {
  const database = options.database ?? (await freshDatabase());
  const owner = createPool(database.url, { max: 2 });
  const pool = createPool(database.url, { role: 'ledger_ingest', max: options.connections ?? 4 });
  const masterKey = new MasterKey(TEST_MASTER_KEY);
  const head = await createLog(pool, { ...LOG_OPTIONS, masterKey, ...options });
  await new EventPartitions(pool).prepareFor();
  return {
    owner,
    pool,
    url: database.url,
    head,
    masterKey,
    secrets: await loadSecrets(pool, masterKey),
    append: async (events) => (await withTransaction(pool, (tx) => appendEvents(tx, DEFAULT_LOG_ID, events))).first,
    close: async () => {
      await Promise.all([owner.end(), pool.end()]);
      await database.drop();
    },
  };
}

export const LOG_OPTIONS = {
  origin: 'ledger.example/log',
  boundarySet: { name: 'iso-3166', sha256: 'a'.repeat(64) },
  conversionPolicy: { name: '1', sha256: 'b'.repeat(64) },
  projection: { name: '1', sha256: 'c'.repeat(64) },
};

/** A full report; every committed value holds the word `secret` and the number of the report. */
export function secretReport(n: number): Report {
  return {
    reportId: `mosul-eye-${n}`,
    revision: 1,
    incident: { ref: `mosul-${n}` },
    publishedAt: '2018-11-09T06:00:00Z',
    source: {
      name: `secret witness ${n}`,
      kind: 'WITNESS',
      url: `https://secret.example/${n}`,
      archiveUrl: `https://secret-archive.example/${n}`,
      documentId: `secret-document-${n}`,
      attribution: `secret attribution ${n}`,
      relayedFrom: [{ name: `secret page ${n}`, kind: 'SOCIAL' }],
    },
    occurred: { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' },
    place: { name: 'Mosul', country: 'IQ', precision: 'SETTLEMENT' },
    classification: {
      incidentType: 'IED_ATTACK',
      weapons: [{ type: 'IED', by: { name: `secret partner ${n}`, kind: 'PARTNER_CONFIDENTIAL' } }],
    },
    actors: [{ name: 'Islamic State', role: 'PERPETRATOR', by: { name: `secret neighbour ${n}`, kind: 'WITNESS' } }],
    casualties: [
      { measure: 'KILLED', value: { qualifier: 'EXACT', lo: 3, hi: 3 } },
      {
        measure: 'INJURED',
        value: { qualifier: 'AT_LEAST', lo: 5, hi: null },
        by: { name: `secret doctor ${n}`, kind: 'WITNESS' },
      },
    ],
    summary: `secret summary ${n}`,
    tags: [`secret tag ${n}`, `other secret tag ${n}`],
    confidential: {
      exactLocation: { latitude: 36.3401, longitude: 43.1302, description: `secret house ${n}` },
      sourceContact: `secret telephone ${n}`,
      notes: `secret notes ${n}`,
      victims: [
        { subjectRef: `victim-${n}`, name: `secret name ${n}` },
        { subjectRef: 'shared-victim', age: 34 },
      ],
    },
  };
}

export interface ReportEventOptions {
  /** 1 by default. */
  streamVersion?: number;
  offset?: number;
}

/** The event that ingest would record of a report, subject keys and all. */
export async function reportEvent(
  log: TestLog,
  report: Report,
  options: ReportEventOptions = {},
): Promise<PreparedEvent> {
  const { public: publicReport, committed, subjects } = splitReport(report, log.secrets.pseudonymKey);
  const subjectIds = new Map(
    [...subjects].map(([pointer, ref]) => [pointer, subjectIdOf(log.secrets.subjectKey, CE_SOURCE, ref)]),
  );
  const keys = await withTransaction(log.pool, (tx) => loadSubjectKeys(tx, log.masterKey, subjectIds.values()));
  const ceId = `${report.reportId}/${report.revision}`;
  const { start, end, precision } = report.occurred;
  return prepareEvent(
    {
      type: 'ReportRecorded',
      data: { report: publicReport, disposition: 'APPLIED', placements: {}, flags: [] },
      stream: incidentIdOf(CE_SOURCE, report.incident.ref as string),
      streamVersion: options.streamVersion ?? 1,
      actor: CE_SOURCE,
      occurred: { start, end, precision },
      source: {
        ceSource: CE_SOURCE,
        ceId,
        cluster: 'test-cluster',
        topic: 'conflict.reports.v1',
        partition: 0,
        offset: options.offset ?? 0,
        value: Buffer.from(JSON.stringify(report)),
      },
      committed,
      subjectKeys: new Map([...subjectIds].flatMap(([pointer, id]) => [[pointer, keys.get(id)!]])),
      reportId: report.reportId,
      revision: report.revision,
      delivery: {
        identity: identityOf(CE_SOURCE, ceId),
        digest: contentDigest(log.secrets.dedupKey, { type: 'org.conflictledger.report.v1', data: report }),
      },
    },
    { log: log.head.log, masterKey: log.masterKey },
  );
}

/** The smallest event there is: for tests of order and place. */
export function gapEvent(log: TestLog, place: { stream: string; streamVersion: number }, offset = 0): PreparedEvent {
  return prepareEvent(
    {
      type: 'DeliveryGapRecorded',
      data: { cluster: 'c', topic: 't', partition: 0, fromOffset: offset, toOffset: offset, reason: 'EXPIRED' },
      ...place,
      actor: 'ledger',
      source: null,
    },
    { log: log.head.log, masterKey: log.masterKey },
  );
}
