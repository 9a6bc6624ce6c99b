import { type Database, DEFAULT_LOG_ID } from '#app/log';
import { formatVerifierKey, parsePolicy, type Policy, type VerifierKey } from '#app/transparency';

const NO_WITNESSES = 'quorum none\n';

/**
 * The policy by which this log's checkpoints are to be checked: what the operator wrote about witnesses, and the log's own
 * keys in front of it where they are not named.
 *
 * @param written content of the policy file; null: no witnesses
 * @throws MalformedError
 */
export function policyOf(written: string | null, keys: readonly VerifierKey[]): { text: string; policy: Policy } {
  const given = written ?? NO_WITNESSES;
  const named = parsePolicy(given).logs;
  const own = keys
    .filter(({ publicKey }) => !named.some(({ key }) => key.publicKey.equals(publicKey)))
    .map((key) => `log ${formatVerifierKey(key)}\n`);
  const text = `${own.join('')}${given}${given.endsWith('\n') ? '' : '\n'}`;
  return { text, policy: parsePolicy(text) };
}

/** Where audit-api finds what it serves at /log/key and /log/policy; it never sees a private key. */
export async function writeIdentity(db: Database, { vkeys, policy }: { vkeys: string; policy: string }): Promise<void> {
  await db.query(
    `INSERT INTO notary.identity AS i (log_id, vkeys, policy) VALUES ($1, $2, $3)
     ON CONFLICT (log_id) DO UPDATE SET vkeys = $2, policy = $3, updated_at = clock_timestamp()
      WHERE (i.vkeys, i.policy) IS DISTINCT FROM ($2, $3)`,
    [DEFAULT_LOG_ID, vkeys, policy],
  );
}
