import { bearer } from '../bearer-token.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { reasonOf } from '../http-api.js';

/** The proof of one event, or why there is none. */
export type FetchedProof = { proof: string; missing: null } | { proof: null; missing: string };

/**
 * Asks the audit API for the tlog-proof of an event. A position that no checkpoint covers yet, or an API that does not
 * answer, leaves the disclosure without one.
 *
 * @throws CommandError when the proof is about another leaf than the database has: one of the two was changed
 */
export async function fetchProof(auditUrl: string, position: number, leaf: string): Promise<FetchedProof> {
  const url = `${auditUrl}/v1/events/${position}/proof`;
  const none = (missing: string): FetchedProof => ({ proof: null, missing });
  const headers = { ...bearer(url) };
  let response: Response;
  try {
    response = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) });
  } catch (error) {
    return none(`audit-api at ${new URL(url).origin} does not answer: ${reasonOf(error as Error)}`);
  }
  const text = await response.text();
  if (response.status === 503) return none('no checkpoint covers the position yet');
  if (!response.ok) return none(`audit-api answers ${response.status}`);
  if (!text.includes(`\nextra ${Buffer.from(leaf).toString('base64')}\n`)) {
    throw new CommandError(
      'The leaf in the proof is not the one in the database: one of them was changed.',
      EXIT.failed,
    );
  }
  return { proof: text, missing: null };
}
