import { copyJson, copyText, NULL } from './copy-text.js';
import type { ActiveReport } from './incident-states.js';

/** Columns of `report` after to_position, in the order of `reportColumns`. */
export const REPORT_COLUMNS = 'event_id, kind, source, report_id, revision, published_at, body, vague';

/** In pieces, so that the body is not copied to be joined. */
export function reportColumns({ state, text }: ActiveReport): string[] {
  const { eventId, kind, source, reportId, revision, publishedAt } = state;
  return [
    `${eventId}\t${kind}\t${copyText(source)}\t${copyText(reportId)}\t${revision}\t${instant(publishedAt)}\t`,
    copyJson(text),
    isVague(state) ? '\tt' : '\tf',
  ];
}

function isVague({ body }: ActiveReport['state']): boolean {
  return body?.report.casualties?.some(({ value }) => value.qualifier === 'VAGUE') ?? false;
}

const USUAL = /^\d{4}-\d\d-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/** In UTC, to the millisecond: RFC 3339 has offsets up to ±23:59, PostgreSQL reads none beyond ±15:59. */
function instant(publishedAt: string | null): string {
  if (publishedAt === null) return NULL;
  // Most are given so: what Date would make of it is the same moment.
  return USUAL.test(publishedAt) ? publishedAt : new Date(publishedAt).toISOString();
}
