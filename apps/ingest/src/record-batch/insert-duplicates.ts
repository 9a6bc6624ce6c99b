import { joined } from '#app/log';
import type { ClientBase } from 'pg';
import type { Plan } from './plan.js';

// Before topics were told apart by id, one made anew brought old offsets again under the same cursor; the first time stays on record.
const INSERT_DUPLICATES = `
  INSERT INTO ledger.duplicate (cursor_id, source_offset, identity)
  SELECT * FROM unnest(string_to_array($1, chr(30))::integer[], string_to_array($2, chr(30))::bigint[],
                       string_to_array($3, chr(30))::uuid[])
  ON CONFLICT DO NOTHING`;

/** Keeps where each message came again, so that "what became of this offset?" has an answer. */
export async function insertDuplicates(tx: ClientBase, duplicates: Plan['duplicates']): Promise<void> {
  if (duplicates.length === 0) return;
  await tx.query(INSERT_DUPLICATES, [
    joined(duplicates.map(({ at }) => at.cursorId)),
    joined(duplicates.map(({ at }) => at.offset)),
    joined(duplicates.map(({ identity }) => identity)),
  ]);
}
