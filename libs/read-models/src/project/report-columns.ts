import { copyJson, copyText, NULL } from './copy-text.js';
import type { ActiveReport } from './incident-states.js';

/** Columns of `report` after to_position, in the order of `reportColumns`. */
export const REPORT_COLUMNS = 'event_id, kind, source, report_id, revision, published_at, body, vague';

export function reportColumns({ state, text }: ActiveReport): string {
  return `${state.eventId}\t${state.kind}\t${copyText(state.source)}\t${copyText(state.reportId)}\t${state.revision}\t${instant(
    state.publishedAt,
  )}\t${copyJson(text)}\t${isVague(state) ? 't' : 'f'}`;
}

function isVague({ body }: ActiveReport['state']): boolean {
  return body?.report.casualties?.some(({ value }) => value.qualifier === 'VAGUE') ?? false;
}

/** In UTC: RFC 3339 has offsets up to ±23:59, PostgreSQL reads none beyond ±15:59. */
function instant(publishedAt: string | null): string {
  return publishedAt === null ? NULL : new Date(publishedAt).toISOString();
}
