import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { TYPES } from '#app/contract';
import { checkReport } from '#app/domain';
import {
  contentDigest,
  DEFAULT_LOG_ID,
  identityOf,
  loadSecrets,
  MasterKey,
  prepareEvent,
  type PreparedEvent,
  readHead,
  reportNameOf,
  splitReport,
} from '#app/log';
import { createPool, withTransaction } from '#app/runtime';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { copyJson, copyText, NULL } from '../../libs/read-models/src/project/copy-text.js';
import { momentOf, type GrowthBatch, type GrowthPart } from './growth-log.js';
import { GrownWorld } from './growth-world.js';
import { SYSTEM_EVENTS } from './system.js';

// A process of its own with a connection of its own: writes the events of a range of reports as ingest would, at positions that
// follow from their numbers, by COPY into the tables that `appendEvents` inserts into.
const { url, keyFile, events, cursors, createdAt } = JSON.parse(process.argv[2] ?? '') as GrowthPart;
const masterKey = MasterKey.fromFile(keyFile);
const pool = createPool(url, { max: 1 });
const { pseudonymKey, dedupKey } = await loadSecrets(pool, masterKey);
const { log } = await readHead(pool);
const world = new GrownWorld(events);

function prepared(n: number): PreparedEvent {
  const { report, ceSource, ceId, stream, streamVersion, placements, value } = world.report(n);
  const split = splitReport(report, pseudonymKey);
  const { start, end, precision } = report.occurred;
  const partition = n % cursors.length;
  const place = { cluster: 'grown', topic: 'conflict.reports.v1', partition, offset: Math.floor(n / cursors.length) };
  return prepareEvent(
    {
      type: 'ReportRecorded',
      data: { report: split.public, disposition: 'APPLIED', placements, flags: checkReport(report) },
      stream,
      streamVersion,
      actor: `publisher:${ceSource}`,
      occurred: { end, precision, start },
      source: { ceSource, ceId, ...place, value },
      cursorId: cursors[partition],
      committed: split.committed,
      reportId: report.reportId,
      revision: report.revision,
      delivery: {
        identity: identityOf(ceSource, ceId),
        digest: contentDigest(dedupKey, { type: TYPES.REPORT, data: report }),
      },
      // A later revision is of a report that has its home.
      newReport: report.revision === 1 ? reportNameOf(ceSource, report.reportId) : null,
    },
    { log, masterKey },
  );
}

const TABLES = {
  event:
    'ledger.event (log_id, position, event_id, type, stream_id, stream_version, recorded_at, ce_source, ce_id, cursor_id, source_offset, report_id, revision, leaf)',
  stream: 'ledger.event_stream (log_id, stream_id, stream_version, position)',
  delivery: 'ledger.delivery (log_id, identity, digest, position)',
  home: 'ledger.report_home (log_id, report, stream_id)',
  key: 'vault.key (key_id, wrapped)',
  sealed: 'ledger.sealed (log, event_id, key_id, boxes)',
} as const;
type Lines = Record<keyof typeof TABLES, string[]>;

function addLines(lines: Lines, event: PreparedEvent, place: { position: number; moment: string }): void {
  const { position, moment } = place;
  const { eventId, type, stream, streamVersion, ceSource, ceId, cursorId, sourceOffset, reportId, revision } = event;
  const leaf = copyJson(`${event.prefix}${position},"recordedAt":"${moment}"${event.suffix}`);
  lines.event.push(
    `${DEFAULT_LOG_ID}\t${position}\t${eventId}\t${type}\t${stream}\t${streamVersion}\t${moment}\t${copyText(ceSource)}\t${copyText(ceId)}\t${cursorId ?? NULL}\t${sourceOffset ?? NULL}\t${copyText(reportId)}\t${revision ?? NULL}\t${leaf}`,
  );
  lines.stream.push(`${DEFAULT_LOG_ID}\t${stream}\t${streamVersion}\t${position}`);
  const { delivery, newReport, wrappedKey, sealed } = event;
  if (delivery !== null)
    lines.delivery.push(`${DEFAULT_LOG_ID}\t${delivery.identity}\t${delivery.digest}\t${position}`);
  if (newReport !== null) lines.home.push(`${DEFAULT_LOG_ID}\t${newReport}\t${stream}`);
  if (wrappedKey !== null) lines.key.push(`${eventId}\t\\\\x${Buffer.from(wrappedKey, 'base64').toString('hex')}`);
  for (const { keyId, boxes } of sealed) lines.sealed.push(`${log}\t${eventId}\t${keyId}\t${copyText(boxes)}`);
}

async function copyInto(tx: PoolClient, table: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await pipeline(Readable.from([`${lines.join('\n')}\n`]), tx.query(copyFrom(`COPY ${table} FROM STDIN`)));
}

async function write({ from, count }: GrowthBatch): Promise<void> {
  const moment = momentOf(createdAt, from).toISOString();
  const lines: Lines = { event: [], stream: [], delivery: [], home: [], key: [], sealed: [] };
  for (let n = from; n < from + count; n++) addLines(lines, prepared(n), { position: SYSTEM_EVENTS + n, moment });
  await withTransaction(
    pool,
    async (tx) => {
      for (const [name, table] of Object.entries(TABLES)) await copyInto(tx, table, lines[name as keyof Lines]);
    },
    'BEGIN; SET LOCAL synchronous_commit = off',
  );
}

process.on('message', (batch: GrowthBatch) => {
  // A failure ends the process, which tells the one who started it.
  void write(batch).then(() => process.send?.(batch));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
