import { randomBytes } from 'node:crypto';
import { report, type ReportOptions } from './ingest-messages.js';
import type { RawMessage } from './kafka.js';

const mark = randomBytes(5).toString('hex');
/** Nobody's. In two scripts, so that escapes and encodings differ from the text. */
export const NAME = `Zaynab Ṣafwān زينب ${mark}`;
/** Public: what is found wherever the search looks. */
export const CONTROL = `Sūq al-${mark}`;

/** A report in which the name stands wherever the contract keeps it out of the public leaf. */
export function reportNaming(options: ReportOptions): RawMessage {
  const party = { name: NAME, kind: 'WITNESS' };
  const data = {
    source: {
      ...party,
      url: `https://witness.example/?q=${encodeURIComponent(NAME)}`,
      documentId: NAME,
      attribution: NAME,
      relayedFrom: [{ name: NAME, kind: 'SOCIAL' }],
    },
    place: { name: CONTROL, country: 'IQ', precision: 'SETTLEMENT' },
    casualties: [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo: 2, hi: 2 }, by: party }],
    actors: [{ name: 'Islamic State', role: 'PERPETRATOR', by: party }],
    summary: `it was ${NAME} who saw it`,
    tags: [NAME],
    confidential: {
      sourceContact: NAME,
      notes: NAME,
      exactLocation: { latitude: 36.34, longitude: 43.13, description: NAME },
      victims: [{ subjectRef: `subject-${options.reportId}`, name: NAME, names: [NAME] }],
    },
  };
  return report({ ...options, data: { ...data, ...options.data } });
}

/** As an aggregate: who published it, and why it leaves an area out. */
export function aggregateNaming(): Record<string, unknown> {
  return {
    seriesId: 'a-series',
    publisher: { name: NAME, kind: 'WITNESS' },
    indicator: 'KILLED',
    statusDefinition: 'CIVILIANS',
    period: { start: '2018-11-01', end: '2018-11-30' },
    area: { code: 'IQ' },
    value: { qualifier: 'EXACT', lo: 1, hi: 1 },
    coverageExclusions: [{ code: 'IQ-AN', reason: NAME }],
    publishedAt: '2018-12-01T00:00:00Z',
    kind: 'OFFICIAL_AGGREGATE',
    source: { name: NAME, kind: 'WITNESS', url: `https://witness.example/?q=${encodeURIComponent(NAME)}` },
  };
}
