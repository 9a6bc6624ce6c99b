import { randomUUID } from 'node:crypto';
import type { RawMessage } from './kafka.js';

export const PUBLISHER = 'https://desk.example';
const STEWARDS = 'https://stewards.example';

export interface ReportOptions {
  /** CloudEvents id. */
  id?: string;
  ref?: string;
  reportId?: string;
  revision?: number;
  killed?: number;
  /** Over the members of the data. */
  data?: Record<string, unknown>;
}

/** Data of a right report.v1. */
export function reportData({
  ref,
  reportId,
  revision = 1,
  killed = 3,
  data,
}: ReportOptions = {}): Record<string, unknown> {
  return {
    reportId: reportId ?? `report-${randomUUID()}`,
    revision,
    incident: { ref: ref ?? `incident-${randomUUID()}` },
    publishedAt: '2018-11-09T06:00:00Z',
    source: { name: 'Kurdistan 24', kind: 'MEDIA_NATIONAL' },
    occurred: { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' },
    place: { name: 'Mosul', country: 'IQ', precision: 'SETTLEMENT' },
    classification: { incidentType: 'IED_ATTACK' },
    casualties: [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo: killed, hi: killed } }],
    ...data,
  };
}

/** A structured CloudEvent as a Kafka message. */
export function cloudEvent(type: string, data: unknown, attributes: Record<string, unknown> = {}): RawMessage {
  const event = { specversion: '1.0', id: randomUUID(), source: PUBLISHER, type, data, ...attributes };
  return {
    key: `${event.source}|${(data as { incident?: { ref?: string } } | null)?.incident?.ref ?? ''}`,
    value: JSON.stringify(event),
    headers: { 'content-type': 'application/cloudevents+json' },
  };
}

export function report(options: ReportOptions = {}): RawMessage {
  const id = options.id ?? randomUUID();
  return cloudEvent('org.conflictledger.report.v1', reportData(options), { id });
}

export function decision(data: Record<string, unknown>, id: string = randomUUID()): RawMessage {
  const message = cloudEvent(
    'org.conflictledger.decision.v1',
    { reason: 'as the desk asked', by: 'Steward One', ...data },
    { id, source: STEWARDS },
  );
  return { ...message, topic: 'conflict.decisions.v1' };
}
