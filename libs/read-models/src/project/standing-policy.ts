import { builtInPolicy, type ConversionPolicy, conversionPolicy1 } from '#app/domain';
import type { ClientBase, Pool } from 'pg';
import type { Tables } from './tables.js';

/** `data` of ConversionPolicyActivated, as the event and the record hold it. */
interface ActivatedPolicy {
  name: string;
  policy?: ConversionPolicy;
}

/** @throws Error for a name that no policy of this version has and that brings none along */
export function policyOf({ name, policy }: ActivatedPolicy): ConversionPolicy {
  const found = policy ?? builtInPolicy(name);
  if (found === null) throw new Error(`the conversion policy ${name} is not built in, and the event does not hold it`);
  return found;
}

/** The policy that the tables say is in force; before the first activation the first one. */
export async function standingPolicy(db: Pool | ClientBase, tables: Tables): Promise<ConversionPolicy> {
  const { rows } = await db.query<{ body: string }>(
    `SELECT body FROM ${tables.record} WHERE kind = 'POLICY' AND to_position IS NULL`,
  );
  return rows[0] === undefined ? conversionPolicy1 : policyOf(JSON.parse(rows[0].body) as ActivatedPolicy);
}

/**
 * A policy by its number: built in, or activated at any time. Null when there never was one.
 * @param records table or view of the records
 */
export async function policyNumbered(
  db: Pool | ClientBase,
  records: string,
  number: number,
): Promise<ConversionPolicy | null> {
  const builtIn = builtInPolicy(String(number));
  if (builtIn !== null) return builtIn;
  const { rows } = await db.query<{ body: string }>(
    `SELECT body FROM ${records} WHERE kind = 'POLICY' ORDER BY from_position DESC`,
  );
  const activated = rows.map(({ body }) => JSON.parse(body) as ActivatedPolicy);
  return activated.find(({ policy }) => policy?.version === number)?.policy ?? null;
}
