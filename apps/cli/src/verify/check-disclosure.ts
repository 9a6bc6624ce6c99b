import { checkDisclosure, type Disclosure, MalformedDisclosureError, parseDisclosure } from '#app/log';
import type { Policy } from '#app/transparency';
import { checkProof, type ProofSummary } from './check-proof.js';
import { type Check, failed, type FindingKind } from './findings.js';

export interface CheckedDisclosure {
  check: Check;
  summary: ProofSummary | null;
}

/** A committed value that somebody disclosed: that the log holds the leaf, and that the leaf committed to this value. */
export function checkDisclosureFile({ file, text }: { file: string; text: string }, policy: Policy): CheckedDisclosure {
  const refuse = (kind: FindingKind, detail: string): CheckedDisclosure => ({
    check: failed('disclosure', { kind, detail: `${file}: ${detail}` }),
    summary: null,
  });
  let disclosure: Disclosure;
  try {
    disclosure = parseDisclosure(text);
  } catch (error) {
    if (!(error instanceof MalformedDisclosureError)) throw error;
    return refuse('MALFORMED', error.message);
  }
  if (disclosure.proof === null) return refuse('NOT_PROVED', 'it holds no proof that its leaf is in the log');
  const { check, leaf, summary } = checkProof({ file, text: disclosure.proof }, policy, false);
  if (!check.ok || leaf === null) return { check: { ...check, name: 'disclosure' }, summary: null };
  const outcome = checkDisclosure(disclosure, leaf);
  if (outcome.kind === 'REFUTED') return refuse('NOT_COMMITTED', outcome.reason);
  const { pointer, position, value } = disclosure;
  const detail = `${file}: position ${position} (${outcome.type}) committed to this value at ${pointer || '""'}: ${JSON.stringify(value)}`;
  return { check: { name: 'disclosure', ok: true, detail }, summary };
}
