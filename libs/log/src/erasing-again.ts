import type { PersonalDataErasedData } from './envelope.js';
import { type Database, joined } from './database.js';
import { eraseKeys, eraseValues, type Erasure } from './erasing.js';
import type { MasterKey } from './master-key.js';

/** What one PersonalDataErased event named and could be opened all the same. */
export interface ErasedAgain {
  /** Events of which values were unreadable once and are so again. */
  events: number;
  /** Refused messages whose bytes are unreadable again. */
  rejections: number;
}

interface ErasedRow {
  event_id: string;
  type: string;
  stream_id: string;
}

/**
 * Does again what a recorded erasure did, where the keys came back: with a backup of the vault. Nothing is recorded, since
 * the log says already that these values are erased; values that the event does not name stay readable.
 *
 * @param data of the PersonalDataErased event
 */
export async function eraseAgain(
  tx: Database,
  { logId, masterKey }: { logId: number; masterKey: MasterKey },
  data: PersonalDataErasedData,
): Promise<ErasedAgain> {
  const erasures: Erasure[] = [];
  const rejections: string[] = [];
  for (const { pointers, positions } of data.erased) {
    for (const { event_id: eventId, type, stream_id: stream } of await eventsAt(tx, logId, positions)) {
      if (type === 'ReportRejected') rejections.push(stream);
      else erasures.push({ eventId, pointers });
    }
  }
  const erased = erasures.length === 0 ? [] : await eraseValues(tx, masterKey, erasures);
  return { events: erased.length, rejections: rejections.length === 0 ? 0 : await eraseKeys(tx, rejections) };
}

async function eventsAt(tx: Database, logId: number, positions: readonly [number, number][]): Promise<ErasedRow[]> {
  const { rows } = await tx.query<ErasedRow & { [column: string]: unknown }>(
    `SELECT e.event_id, e.type, e.stream_id
       FROM unnest(string_to_array($2, chr(30))::bigint[], string_to_array($3, chr(30))::bigint[]) AS r (first, last)
       JOIN ledger.event e ON e.log_id = $1 AND e.position BETWEEN r.first AND r.last`,
    [logId, joined(positions.map(([from]) => from)), joined(positions.map(([, to]) => to))],
  );
  return rows;
}
