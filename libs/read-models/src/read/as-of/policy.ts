import { builtInPolicy, type ConversionPolicy, conversionPolicy1 } from '#app/domain';
import type { EntityManager } from 'typeorm';
import { policyOf } from '../../project/standing-policy.js';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from './as-of.js';

/** The conversion policy that the figures at a position were folded with. */
export async function readPolicy(
  tx: EntityManager,
  asOf: Pick<AsOf, 'position' | 'generation'>,
): Promise<ConversionPolicy> {
  const { position, generation } = asOf;
  const { record } = tablesOfGeneration(generation);
  const [fixed] = await tx.query<{ number: number | null }[]>(
    'SELECT policy_override AS number FROM read_model.generation WHERE generation = $1',
    [generation],
  );
  const override = fixed?.number == null ? null : await policyNumbered(tx, record, fixed.number);
  if (override !== null) return override;
  const [row] = await tx.query<{ body: string }[]>(
    `SELECT body FROM ${record}
      WHERE kind = 'POLICY' AND from_position <= $1::bigint AND (to_position IS NULL OR to_position > $1::bigint)`,
    [position],
  );
  return row === undefined ? conversionPolicy1 : policyOf(JSON.parse(row.body) as Activated);
}

type Activated = Parameters<typeof policyOf>[0];

async function policyNumbered(tx: EntityManager, record: string, number: number): Promise<ConversionPolicy | null> {
  const builtIn = builtInPolicy(String(number));
  if (builtIn !== null) return builtIn;
  const rows = await tx.query<{ body: string }[]>(
    `SELECT body FROM ${record} WHERE kind = 'POLICY' ORDER BY from_position DESC`,
  );
  const activated = rows.map(({ body }) => JSON.parse(body) as Activated);
  return activated.find(({ policy }) => policy?.version === number)?.policy ?? null;
}
