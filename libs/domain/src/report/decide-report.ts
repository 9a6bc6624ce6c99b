import type { Disposition } from './report.js';

/** What the stream already holds of one (CloudEvents source, reportId). */
export interface KnownRevision {
  kind: 'REPORT' | 'WITHDRAWN';
  revision: number;
}

export type ReportDecision =
  | { kind: 'RECORD'; disposition: Disposition }
  | { kind: 'REJECT'; code: 'REVISION_CONFLICT' };

/** A report about to be recorded, or the withdrawal of one. */
export type ReportIntent = { type: 'REPORT'; revision: number } | { type: 'WITHDRAWAL' };

/**
 * Whether a message becomes an event. `known` = every revision and withdrawal of the same (source, reportId) recorded
 * in the stream, those of earlier messages of the batch included, in any order. The same revision under another
 * CloudEvents id is a conflict; one below the highest, or after a withdrawal (which is final), is recorded as late and
 * counts nowhere. A withdrawal is always recorded: before its report it waits for it.
 */
export function decideReport(intent: ReportIntent, known: readonly KnownRevision[]): ReportDecision {
  if (intent.type === 'WITHDRAWAL') return { kind: 'RECORD', disposition: 'APPLIED' };
  let late = false;
  for (const each of known) {
    if (each.kind === 'REPORT' && each.revision === intent.revision)
      return { kind: 'REJECT', code: 'REVISION_CONFLICT' };
    if (each.kind === 'WITHDRAWN' || each.revision > intent.revision) late = true;
  }
  return { kind: 'RECORD', disposition: late ? 'LATE_REVISION' : 'APPLIED' };
}
