import { type Database, joined } from './database.js';

/** A message that became an event. */
export interface Delivery {
  /** From `contentDigest`. */
  digest: string;
  position: number;
}

/** Which CloudEvents are recorded already: by `identityOf`, in one query; identities unknown to the log are absent. */
export async function findDeliveries(db: Database, identities: Iterable<string>): Promise<Map<string, Delivery>> {
  const wanted = [...new Set(identities)];
  if (wanted.length === 0) return new Map();
  const { rows } = await db.query<{ identity: string; digest: string; position: number }>({
    name: 'find-deliveries',
    text: `SELECT d.identity, d.digest, d.position::float8
       FROM unnest(string_to_array($1, chr(30))::uuid[]) AS wanted (identity)
      CROSS JOIN LATERAL (SELECT * FROM ledger.delivery d WHERE d.identity = wanted.identity OFFSET 0) d`,
    values: [joined(wanted)],
  });
  return new Map(rows.map(({ identity, digest, position }) => [identity, { digest, position }]));
}
