import { expect, it } from '@jest/globals';
import { publicReport } from '../../../../libs/domain/testing/reports.js';
import { incidentHistory } from './incident-history.js';

const INCIDENT = '5b7c3b0e-0000-5000-8000-000000000001';
const IN_ISO = { country: 'IQ', admin1: 'IQ-NI', admin2: null, admin3: null, precision: 'SETTLEMENT' };
const IN_COD = { country: 'IQ', admin1: 'IQG15', admin2: 'IQG15Q05', admin3: null, precision: 'SETTLEMENT' };

function leaf(position: number, type: string, data: object): string {
  const source = { ceSource: 'urn:test:publisher' };
  const at = { v: 1, position, id: `event-${position}`, recordedAt: '2026-11-23T00:00:00.000Z' };
  return JSON.stringify({ ...at, type, stream: INCIDENT, streamVersion: position, actor: 'ledger', source, data });
}

it('tells where a boundary set puts an incident that was activated after its report, and nothing else', () => {
  const report = { report: publicReport(), disposition: 'APPLIED', placements: { 'iso-3166': IN_ISO }, flags: [] };
  const placed = { boundary: 'cod-ab', placed: [{ placement: IN_COD, positions: [1, 77] }] };
  const [, entry] = incidentHistory([leaf(1, 'ReportRecorded', report), leaf(2, 'IncidentsPlaced', placed)], INCIDENT);
  expect(entry).toMatchObject({
    type: 'IncidentsPlaced',
    why: 'placed by boundary set cod-ab, activated after it was recorded',
    changes: [{ pointer: '/placements/cod-ab', before: null, after: IN_COD }],
  });
  expect(entry?.changes).toHaveLength(1);
});
